#include "drivers/cdp/emulation.h"

namespace totpilot::cdp::emulation {

using nlohmann::json;

void keep_focus(Session& session) { session.post("Emulation.setFocusEmulationEnabled", {{"enabled", true}}); }

void set_viewport(Session& session, int width, int height) {
  session.post("Emulation.setDeviceMetricsOverride",
               {{"width", width}, {"height", height}, {"deviceScaleFactor", 0}, {"mobile", false}});
}

task<void> set_identity(Session& session, Identity identity, Deadline deadline) {
  json params = {{"userAgent", identity.user_agent}};
  if (!identity.accept_language.empty()) params["acceptLanguage"] = identity.accept_language;
  return no_result(session.call("Emulation.setUserAgentOverride", std::move(params), deadline));
}

task<void> set_locale(Session& session, std::string locale, Deadline deadline) {
  return no_result(session.call("Emulation.setLocaleOverride", {{"locale", std::move(locale)}}, deadline));
}

}  // namespace totpilot::cdp::emulation
