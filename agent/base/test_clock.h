#pragma once
// TestClock: exists in test builds only. See make_clock().
#ifdef TOTPILOT_TESTING
#include <atomic>
#include <string>

#include "agent/base/clock.h"

namespace totpilot {

class TestClock final : public Clock {
 public:
  /// Maps `file`, made by the test (8 bytes).
  explicit TestClock(const std::string& file);
  ~TestClock() override;
  TestClock(const TestClock&) = delete;
  TestClock& operator=(const TestClock&) = delete;

  TimePoint now() const override;
  /// Moves the shared time forward to `when` at once.
  task<void> wait_until(TimePoint when, Deadline deadline) override;

 private:
  std::atomic<std::int64_t>* ahead_;
};

}  // namespace totpilot
#endif
