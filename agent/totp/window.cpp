#include "agent/totp/window.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/base/failure.h"
#include "agent/totp/parameters.h"

namespace totpilot::totp {

std::uint64_t Window::counter() const {
  return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(start.time_since_epoch()) / period);
}

Window window_at(std::chrono::seconds period, TimePoint time) {
  if (period.count() < 1 || period.count() > kLongestPeriod) {
    throw Failure(Outcome::kInvalidInput, fmt::format("a period of {} s is not supported", period.count()));
  }
  if (time < TimePoint{}) throw Failure(Outcome::kInvalidInput, "there are no codes for a time before 1970");
  const auto since = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
  return {TimePoint(since - since % period), period};
}

std::chrono::milliseconds min_left(std::chrono::seconds period) {
  return std::min<std::chrono::milliseconds>(std::chrono::seconds(5), std::chrono::milliseconds(period) / 4);
}

}  // namespace totpilot::totp
