#pragma once
// App time: what the app's clock says, as our clock plus the account's measured skew. Windows, and so codes, are
// counted in it.
#include <chrono>
#include <string>

#include "agent/base/clock.h"
#include "agent/store/rows.h"

namespace totpilot::enrollment {

/// A larger difference of the clocks is refused, not corrected.
inline constexpr std::chrono::milliseconds kSkewLimit{90'000};
/// A smaller one is within the error of measuring by whole seconds, and left alone.
inline constexpr std::chrono::milliseconds kSkewIgnored{1'500};

/// An older measure says nothing any more: a clock that nobody corrects drifts by one to two seconds a day, so up to
/// here a measure is right within kSkewIgnored; and whoever corrects a clock makes it wrong by all of it.
inline constexpr std::chrono::hours kSkewTrusted{24};

/// The account's measured skew while it can be trusted; zero where none was measured, where it is older than
/// kSkewTrusted, and where our clock has been set back since.
std::chrono::milliseconds trusted_skew(const Clock& clock, const store::AccountRow& account);

class AppTime {
 public:
  /// `skew`: the app's clock minus ours. clock_skew beyond `limit`, with both numbers in the message.
  AppTime(const Clock& clock, std::chrono::milliseconds skew, std::chrono::milliseconds limit = kSkewLimit);
  /// With the account's trusted_skew().
  static AppTime of(const Clock& clock, const store::AccountRow& account, std::chrono::milliseconds limit = kSkewLimit);

  TimePoint now() const { return clock_->now() + skew_; }
  /// When our clock will show what the app's clock calls `app`.
  TimePoint to_ours(TimePoint app) const { return app - skew_; }
  std::chrono::milliseconds skew() const { return skew_; }

 private:
  const Clock* clock_;
  std::chrono::milliseconds skew_;
};

}  // namespace totpilot::enrollment
