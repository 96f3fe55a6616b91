#include "agent/enrollment/app_time.h"

#include <fmt/format.h>

#include "agent/base/failure.h"

namespace totpilot::enrollment {

AppTime::AppTime(const Clock& clock, std::chrono::milliseconds skew, std::chrono::milliseconds limit)
    : clock_(&clock), skew_(skew) {
  if (std::chrono::abs(skew) > limit) {
    throw Failure(Outcome::kClockSkew,
                  fmt::format("the app's clock is {} s {} ours; more than {} s is not corrected",
                              std::chrono::abs(skew).count() / 1000, skew.count() > 0 ? "ahead of" : "behind",
                              limit.count() / 1000),
                  "set this machine's clock; then totpilot check ACCOUNT compares the clocks again");
  }
  if (std::chrono::abs(skew) <= kSkewIgnored) skew_ = std::chrono::milliseconds(0);
}

std::chrono::milliseconds trusted_skew(const Clock& clock, const store::AccountRow& account) {
  if (!account.skew_measured) return std::chrono::milliseconds(0);
  const auto age = clock.now() - *account.skew_measured;
  const bool holds = age >= std::chrono::milliseconds(0) && age <= kSkewTrusted;
  return std::chrono::milliseconds(holds ? account.skew_ms : 0);
}

AppTime AppTime::of(const Clock& clock, const store::AccountRow& account, std::chrono::milliseconds limit) {
  return {clock, trusted_skew(clock, account), limit};
}

}  // namespace totpilot::enrollment
