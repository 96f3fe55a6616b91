#pragma once
// The Page domain's dialogs: an open one stops every reply of its page, so each must be answered.
#include <functional>
#include <string>

#include "drivers/cdp/reply.h"

namespace totpilot::cdp::dialog {

/// "alert", "confirm", "prompt", "beforeunload".
Subscription on_opening(Session& page, std::function<void(std::string type)> handler);
enum class Answer { kAccept, kDismiss };
void answer(Session& page, Answer answer);

}  // namespace totpilot::cdp::dialog
