#pragma once
// Window: one time step of RFC 6238 section 4, the span in which one code holds. Pure; all times are the app's.
#include <chrono>
#include <cstdint>

#include "agent/base/clock.h"

namespace totpilot::totp {

struct Window {
  TimePoint start;
  std::chrono::seconds period{30};

  TimePoint end() const { return start + period; }
  Window next() const { return {end(), period}; }
  Window previous() const { return {start - period, period}; }
  bool holds(TimePoint time) const { return start <= time && time < end(); }
  /// Zero or less once it is over.
  std::chrono::milliseconds remaining(TimePoint time) const { return end() - time; }
  /// T of RFC 6238: periods since 1970.
  std::uint64_t counter() const;
  bool operator==(const Window&) const = default;
};

/// The window that holds `time`; windows start at multiples of the period since 1970. invalid_input for a time before
/// 1970 or a period outside 1 to 86400 s.
Window window_at(std::chrono::seconds period, TimePoint time);

/// What must be left of a window for a code of it to be worth sending: the smaller of 5 s and a quarter of the period.
std::chrono::milliseconds min_left(std::chrono::seconds period);

}  // namespace totpilot::totp
