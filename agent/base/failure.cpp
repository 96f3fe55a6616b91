#include "agent/base/failure.h"

#include <fmt/format.h>

namespace totpilot {

std::string to_string(const SourcePosition& position) {
  return fmt::format("{}:{}:{}", position.file, position.line, position.column);
}

Failure::Failure(Outcome code, std::string message, std::string hint)
    : code_(code), message_(std::move(message)), hint_(std::move(hint)) {}

std::string Failure::hint() const { return hint_.empty() ? std::string(outcome_info(code_).next_step) : hint_; }

Failure Failure::at(SourcePosition position) && {
  if (!position_) position_ = std::move(position);
  return std::move(*this);
}

Failure Failure::within(const std::string& where) && {
  message_ = where + ": " + message_;
  return std::move(*this);
}

}  // namespace totpilot
