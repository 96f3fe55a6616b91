#pragma once
// FakeClock: stands still until somebody waits, and then is there at once.
#include <atomic>

#include "agent/base/clock.h"

namespace totpilot::fakes {

class FakeClock final : public Clock {
 public:
  explicit FakeClock(TimePoint start) : now_(to_millis(start)) {}

  TimePoint now() const override { return from_millis(now_.load()); }
  task<void> wait_until(TimePoint when, Deadline) override {
    if (to_millis(when) > now_.load()) now_.store(to_millis(when));
    co_return;
  }
  void move(std::chrono::milliseconds span) { now_ += span.count(); }

 private:
  std::atomic<std::int64_t> now_;  // books read it on the pool
};

}  // namespace totpilot::fakes
