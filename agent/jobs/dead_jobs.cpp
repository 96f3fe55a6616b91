#include "agent/jobs/dead_jobs.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/enrollment/window_ledger.h"
#include "agent/store/jobs.h"
#include "agent/store/store.h"

namespace totpilot::jobs {
namespace {

constexpr auto kSettlingLease = std::chrono::seconds(60);

store::JobEnd end_of(const store::JobRow& job, TimePoint now) {
  const auto end = [&](store::JobState state, Outcome outcome, std::string message) {
    return store::JobEnd{state, std::string(outcome_name(outcome)), std::move(message), now, {}};
  };
  if (job.past_return) return end(store::JobState::kFailed, Outcome::kUncertain, "the process that ran it ended");
  if (job.state == store::JobState::kNeedsInput)
    return end(store::JobState::kNeedsInput, Outcome::kNeedsInput,
               "the process that waited for the answer ended, and its browser session with it");
  if (job.from_queue() && !job.cancel_requested)
    return end(store::JobState::kFailed, Outcome::kInternal,
               fmt::format("the process that ran it ended, {} times", job.attempts));
  return end(store::JobState::kCancelled, Outcome::kCancelled, "the process that ran it ended");
}

bool goes_back(const store::JobRow& job, int most_attempts) {
  return job.from_queue() && !job.past_return && !job.cancel_requested && job.state == store::JobState::kRunning &&
         job.attempts < most_attempts;
}

}  // namespace

int settle_dead_jobs(store::Store& store, Clock& clock, const WorkerId& by, Dead which, int most_attempts) {
  const TimePoint before = which == Dead::kAll ? TimePoint::max() : clock.now();
  const auto dead =
      store.read([&](store::ReadTransaction& transaction) { return store::list_expired_jobs(transaction, before); });
  enrollment::WindowLedger ledger(store, clock);
  int settled = 0;
  for (const store::JobRow& job : dead) {
    const TimePoint now = clock.now();
    // A lease that is still to run out is dead with its process.
    const TimePoint past_lease =
        which == Dead::kAll ? std::max(now, job.lease_until.value_or(now) + std::chrono::milliseconds(1)) : now;
    const bool ours = store.write([&](store::WriteTransaction& transaction) {
      const auto claimed = store::claim_job(transaction, job.id, by, past_lease, past_lease + kSettlingLease);
      if (!claimed) return false;
      if (goes_back(job, most_attempts))
        return store::requeue_job(transaction, store::fence_of(*claimed),
                                  {"", "the process that ran it ended", now, now, job.attempts});
      return store::finish_job(transaction, store::fence_of(*claimed), end_of(job, now));
    });
    if (!ours) continue;
    ledger.release(job.id.str());
    ++settled;
  }
  return settled;
}

}  // namespace totpilot::jobs
