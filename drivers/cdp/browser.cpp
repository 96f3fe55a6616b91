#include "drivers/cdp/browser.h"

namespace totpilot::cdp::browser {

task<Version> get_version(Session& session, Deadline deadline) {
  return read_reply(session.call("Browser.getVersion", {}, deadline), [](nlohmann::json reply) {
    return Version{.product = text_of(reply, "product"), .user_agent = text_of(reply, "userAgent")};
  });
}

void allow_downloads(Session& session, const std::string& context, const std::string& directory) {
  session.post("Browser.setDownloadBehavior", {{"behavior", "allowAndName"},
                                               {"browserContextId", context},
                                               {"downloadPath", directory},
                                               {"eventsEnabled", true}});
}

void grant_permissions(Session& session, const std::string& context, std::vector<std::string> permissions) {
  session.post("Browser.grantPermissions", {{"permissions", std::move(permissions)}, {"browserContextId", context}});
}

}  // namespace totpilot::cdp::browser
