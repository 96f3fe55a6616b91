#pragma once
// Jobs: runs of flows, leased and fenced. A lease's generation rises with every claim; whoever holds an older one
// changes nothing.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/store/rows.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

struct JobFence {
  JobId id;
  WorkerId owner;
  std::int64_t lease_generation = 0;
};
JobFence fence_of(const JobRow& row);

struct JobEnd {
  JobState state = JobState::kDone;  // kDone, kFailed, kCancelled or kNeedsInput
  std::string outcome;
  std::string message;
  TimePoint at;
};

void insert_job(WriteTransaction& transaction, const JobRow& job);

/// Makes a queued job (or a running one whose lease has run out) ours until `lease_until`, with the next generation.
/// Nothing when it is neither, or when another job of its account runs under a lease that holds.
std::optional<JobRow> claim_job(WriteTransaction& transaction, const JobId& id, const WorkerId& owner, TimePoint now,
                                TimePoint lease_until);
/// The oldest that can be claimed.
std::optional<JobRow> claim_next_job(WriteTransaction& transaction, const WorkerId& owner, TimePoint now,
                                     TimePoint lease_until);

/// These return false, and change nothing, when the lease has gone to another or the job has ended.
bool extend_lease(WriteTransaction& transaction, const JobFence& fence, TimePoint lease_until);
bool mark_past_return(WriteTransaction& transaction, const JobFence& fence);
bool set_report_directory(WriteTransaction& transaction, const JobFence& fence, std::string_view directory);
bool finish_job(WriteTransaction& transaction, const JobFence& fence, const JobEnd& end);

std::optional<JobRow> find_job(ReadTransaction& transaction, const JobId& id);
/// Newest first, at most `limit`. With an empty account: of all.
std::vector<JobRow> list_jobs(ReadTransaction& transaction, const AccountId& account, int limit);
/// The newest of this kind that went past the point of no return.
std::optional<JobRow> find_last_past_return(ReadTransaction& transaction, const AccountId& account,
                                            std::string_view kind);
/// Running jobs whose lease has run out: their worker died.
std::vector<JobRow> list_expired_jobs(ReadTransaction& transaction, TimePoint now);

}  // namespace totpilot::store
