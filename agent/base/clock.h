#pragma once
// Clock: the time that codes and records are made with (UTC). Timeouts never use it; they use Deadline's steady clock.
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "agent/base/async.h"
#include "agent/base/deadline.h"

namespace totpilot {

/// Milliseconds of UTC; stored as int64.
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;

inline std::int64_t to_millis(TimePoint time) { return time.time_since_epoch().count(); }
inline TimePoint from_millis(std::int64_t millis) { return TimePoint(std::chrono::milliseconds(millis)); }
/// "2026-11-24T10:15:30.123Z".
std::string to_iso(TimePoint time);

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  /// Returns at `when` or later. Throws timed_out if the deadline comes first. The caller says beforehand, to its
  /// progress listener, what is waited for and how long.
  virtual task<void> wait_until(TimePoint when, Deadline deadline) = 0;
};

/// The system's clock. In test builds with TOTPILOT_TEST_CLOCK=FILE set: a clock shared by all processes that map FILE
/// (an int64 in native byte order, milliseconds ahead of the system's time), where whoever waits moves it for all, so
/// that no test sits out a window.
std::unique_ptr<Clock> make_clock();

}  // namespace totpilot
