#pragma once
// When a job that failed is tried again, and when an app is left alone: pure rules over a job's row and its outcome, so
// that nobody gets locked out by us.
#include <chrono>
#include <optional>

#include "agent/base/clock.h"
#include "agent/base/outcome.h"
#include "agent/store/rows.h"

namespace totpilot::jobs {

struct AgainRules {
  int most_attempts = 3;
  std::chrono::milliseconds first_wait{30'000};  // doubled with each attempt
  std::chrono::milliseconds cool_down{900'000};  // the first wait where the app itself asked to be left alone
  std::chrono::milliseconds longest_wait{7'200'000};
};

struct Again {
  TimePoint at;
  int attempts = 0;  // that count from then on
};

/// Nothing: it ends here. Past the point of no return always; `recover` asks the app then.
std::optional<Again> try_again(const store::JobRow& job, Outcome outcome, TimePoint now, const AgainRules& rules);

struct BreakerRules {
  int after = 3;                            // failures in a row; 0: never
  std::chrono::milliseconds wait{600'000};  // doubled with each failure on trial
  std::chrono::milliseconds longest{7'200'000};
};

/// The lane after a job of it ended so. One that says nothing about the app leaves it as it was.
store::LaneRow after_job(store::LaneRow lane, Outcome outcome, TimePoint now, const BreakerRules& rules);

}  // namespace totpilot::jobs
