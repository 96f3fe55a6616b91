#include "agent/base/clock.h"

#include <fmt/format.h>

#include <cstdlib>

#include "agent/base/failure.h"
#include "agent/base/test_clock.h"

namespace totpilot {
namespace {

class SystemClock final : public Clock {
 public:
  TimePoint now() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }

  task<void> wait_until(TimePoint when, Deadline deadline) override {
    // Wakes at least once a second, so that a stepped system clock is noticed.
    while (now() < when) {
      if (deadline.expired()) throw Failure(Outcome::kTimedOut, "the time to wait for is later than the deadline");
      const auto left = std::min<std::chrono::milliseconds>(when - now(), std::chrono::seconds(1));
      co_await pause_until(deadline.at_most(left).when());
    }
  }
};

}  // namespace

std::string to_iso(TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::unique_ptr<Clock> make_clock() {
#ifdef TOTPILOT_TESTING
  if (const char* file = std::getenv("TOTPILOT_TEST_CLOCK")) return std::make_unique<TestClock>(file);
#endif
  return std::make_unique<SystemClock>();
}

}  // namespace totpilot
