#include "drivers/cdp/target.h"

namespace totpilot::cdp::target {

using nlohmann::json;

namespace {

void attach_to(Session& session, const char* type) {
  session.post("Target.setAutoAttach", {{"autoAttach", true},
                                        {"waitForDebuggerOnStart", true},
                                        {"flatten", true},
                                        {"filter", json::array({{{"type", type}}, {{"exclude", true}}})}});
}

}  // namespace

Attached read_attached(const json& event) {
  const json& info = member_of(event, "targetInfo");
  const auto waiting = event.find("waitingForDebugger");
  return {.session_id = text_of(event, "sessionId"),
          .info = {.id = text_of(info, "targetId"),
                   .type = text_or(info, "type"),
                   .url = text_or(info, "url"),
                   .context = text_or(info, "browserContextId"),
                   .opener = text_or(info, "openerId")},
          .waiting = waiting != event.end() && waiting->is_boolean() && waiting->get<bool>()};
}

task<std::string> create_context(Session& browser, ContextOptions options, Deadline deadline) {
  json params = {{"disposeOnDetach", true}};
  if (!options.proxy.empty()) params["proxyServer"] = options.proxy;
  if (!options.proxy_bypass.empty()) params["proxyBypassList"] = options.proxy_bypass;
  return read_reply(browser.call("Target.createBrowserContext", std::move(params), deadline),
                    [](const json& reply) { return text_of(reply, "browserContextId"); });
}

void dispose_context(Session& browser, const std::string& context) {
  browser.post("Target.disposeBrowserContext", {{"browserContextId", context}});
}

task<std::string> create_page(Session& browser, const std::string& context, Size size, Deadline deadline) {
  return read_reply(browser.call("Target.createTarget",
                                 {{"url", "about:blank"},
                                  {"browserContextId", context},
                                  {"width", size.width},
                                  {"height", size.height},
                                  {"newWindow", true}},
                                 deadline),
                    [](const json& reply) { return text_of(reply, "targetId"); });
}

task<void> close_page(Session& browser, const std::string& target, Deadline deadline) {
  return no_result(browser.call("Target.closeTarget", {{"targetId", target}}, deadline));
}

void attach_to_pages(Session& browser) { attach_to(browser, "page"); }
void detach(Session& browser, const std::string& session_id) {
  browser.post("Target.detachFromTarget", {{"sessionId", session_id}});
}
void attach_to_frames(Session& page) { attach_to(page, "iframe"); }

}  // namespace totpilot::cdp::target
