#include "agent/jobs/again.h"

#include <algorithm>
#include <functional>

namespace totpilot::jobs {
namespace {

using std::chrono::milliseconds;

/// Words with which an app asks to be left alone, or shows that we no longer know it.
bool wants_peace(Outcome outcome) {
  return outcome == Outcome::kLockedOut || outcome == Outcome::kRateLimited || outcome == Outcome::kCaptcha;
}

/// Our own house was not in order: the job was not really tried.
bool was_not_tried(Outcome outcome) {
  return outcome == Outcome::kVaultSealed || outcome == Outcome::kVaultMissing || outcome == Outcome::kStorageFailed ||
         outcome == Outcome::kBusy;
}

milliseconds doubled(milliseconds wait, int times, milliseconds most) {
  for (int i = 0; i < times && wait < most; ++i) wait *= 2;
  return std::min(wait, most);
}

/// Up to a quarter more, the same for the same job and attempt: jobs that failed together do not come back together.
milliseconds with_jitter(milliseconds wait, const store::JobRow& job) {
  const std::size_t hash = std::hash<std::string>()(job.id.str() + std::to_string(job.attempts));
  return wait + milliseconds(static_cast<std::int64_t>(hash % 251) * wait.count() / 1000);
}

}  // namespace

std::optional<Again> try_again(const store::JobRow& job, Outcome outcome, TimePoint now, const AgainRules& rules) {
  if (job.past_return || job.cancel_requested || !job.from_queue()) return std::nullopt;
  const int before = std::max(0, job.attempts - 1);
  // Not cancelled by anybody who named it: this process stops, and the next goes on.
  if (outcome == Outcome::kCancelled) return Again{now, before};
  if (was_not_tried(outcome)) return Again{now + with_jitter(rules.first_wait, job), before};
  // What is known of MFA comes from the app now, not from another run.
  if (outcome == Outcome::kUncertain || outcome == Outcome::kProofFailed) return std::nullopt;
  if (outcome_info(outcome).retry != RetryClass::kLater || job.attempts >= rules.most_attempts) return std::nullopt;
  const milliseconds first = wants_peace(outcome) ? rules.cool_down : rules.first_wait;
  return Again{now + with_jitter(doubled(first, before, rules.longest_wait), job), job.attempts};
}

store::LaneRow after_job(store::LaneRow lane, Outcome outcome, TimePoint now, const BreakerRules& rules) {
  switch (outcome) {
    case Outcome::kPageChanged:
    case Outcome::kLockedOut:
    case Outcome::kRateLimited:
    case Outcome::kCaptcha:
      ++lane.failures;
      if (rules.after > 0 && lane.failures >= rules.after)
        lane.open_until = now + doubled(rules.wait, lane.failures - rules.after, rules.longest);
      return lane;
    case Outcome::kOk:
    case Outcome::kBadCredentials:
    case Outcome::kMfaAlreadyOn:
    case Outcome::kOtherMethodOn:
    case Outcome::kTotpNotOffered:
    case Outcome::kReauthRequired:
    case Outcome::kUnderpermissioned:
    case Outcome::kCodeRejected:
    case Outcome::kCodeReused:
      // The app answered as the playbook expects.
      lane.failures = 0;
      lane.open_until.reset();
      return lane;
    default:
      return lane;
  }
}

}  // namespace totpilot::jobs
