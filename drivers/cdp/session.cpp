#include "drivers/cdp/session.h"

#include <array>

namespace totpilot::cdp {

ProtocolError::ProtocolError(std::string method, int code, std::string text)
    : method_(std::move(method)), code_(code), text_(std::move(text)) {}

bool ProtocolError::gone() const {
  // Chromium's own wordings; there are no codes of their own for these.
  static constexpr std::array<std::string_view, 17> kGone = {
      "Cannot find context with specified id",
      "Execution context was destroyed",
      "uniqueContextId not found",
      "Promise was collected",
      "Cannot find default execution context",
      "Could not find node with given id",
      "No node with given id found",
      "Node with given id does not belong to the document",
      "Could not find object with given id",
      "No frame for given id found",
      "Frame with the given id was not found",
      "Frame with the given frameId is not found",
      "Inspected target navigated or closed",
      "No target with given id found",
      "Session with given id not found",
      "Not attached to an active page",
      "Target closed",
  };
  return std::ranges::any_of(kGone, [&](std::string_view words) { return text_.contains(words); });
}

}  // namespace totpilot::cdp
