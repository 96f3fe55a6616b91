#include "agent/enrollment/app_time.h"

#include <fmt/format.h>

#include "agent/base/failure.h"

namespace totpilot::enrollment {

AppTime::AppTime(const Clock& clock, std::chrono::milliseconds skew, std::chrono::milliseconds limit)
    : clock_(&clock), skew_(skew) {
  if (std::chrono::abs(skew) > limit) {
    throw Failure(Outcome::kClockSkew, fmt::format("the app's clock is {} s {} ours; more than {} s is not corrected",
                                                   std::chrono::abs(skew).count() / 1000,
                                                   skew.count() > 0 ? "ahead of" : "behind", limit.count() / 1000));
  }
  if (std::chrono::abs(skew) <= kSkewIgnored) skew_ = std::chrono::milliseconds(0);
}

AppTime AppTime::of(const Clock& clock, const store::AccountRow& account, std::chrono::milliseconds limit) {
  return {clock, std::chrono::milliseconds(account.skew_ms), limit};
}

}  // namespace totpilot::enrollment
