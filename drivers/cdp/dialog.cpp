#include "drivers/cdp/dialog.h"

namespace totpilot::cdp::dialog {

Subscription on_opening(Session& page, std::function<void(std::string)> handler) {
  return page.on("Page.javascriptDialogOpening",
                 [handler = std::move(handler)](const nlohmann::json& params) { handler(text_or(params, "type")); });
}

void answer(Session& page, Answer answer) {
  page.post("Page.handleJavaScriptDialog", {{"accept", answer == Answer::kAccept}});
}

}  // namespace totpilot::cdp::dialog
