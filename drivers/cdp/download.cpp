#include "drivers/cdp/download.h"

namespace totpilot::cdp::download {

using nlohmann::json;

Subscription on_begun(Session& browser, std::function<void(Begun)> handler) {
  return browser.on("Browser.downloadWillBegin", [handler = std::move(handler)](const json& params) {
    handler({.guid = text_or(params, "guid"), .suggested_name = text_or(params, "suggestedFilename")});
  });
}

Subscription on_progress(Session& browser, std::function<void(Progress)> handler) {
  return browser.on("Browser.downloadProgress", [handler = std::move(handler)](const json& params) {
    const std::string state = text_or(params, "state");
    handler({.guid = text_or(params, "guid"),
             .state = state == "completed"  ? State::kCompleted
                      : state == "canceled" ? State::kCanceled
                                            : State::kInProgress});
  });
}

}  // namespace totpilot::cdp::download
