#pragma once
// Jobs: runs of flows, leased and fenced. A lease's generation rises with every claim; whoever holds an older one
// changes nothing. A job that waits for a person's answer (needs_input) keeps its lease: its browser session is open.
// Whose turn is next: job_turns.h. Changes of state also write the job's event, in the same transaction.
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
  std::string result = {};  // JSON without secrets
};

/// Back into the queue, for another try.
struct Requeue {
  std::string outcome;  // of the try that ended; empty: it was only interrupted
  std::string message;
  TimePoint at;
  TimePoint not_before;
  int attempts = 0;  // that count from now on
};

/// What a person is asked, as JSON without secrets.
struct JobQuestion {
  std::string input;
  TimePoint at;
  TimePoint until;
};

void insert_job(WriteTransaction& transaction, const JobRow& job);

/// Makes a queued job (or one whose lease has run out) ours until `lease_until`, with the next generation. Nothing when
/// it is neither, or when another job of its account runs under a lease that holds.
std::optional<JobRow> claim_job(WriteTransaction& transaction, const JobId& id, const WorkerId& owner, TimePoint now,
                                TimePoint lease_until);

/// These return false, and change nothing, when the lease has gone to another or the job has ended.
bool extend_lease(WriteTransaction& transaction, const JobFence& fence, TimePoint lease_until);
bool mark_past_return(WriteTransaction& transaction, const JobFence& fence);
bool set_report_directory(WriteTransaction& transaction, const JobFence& fence, std::string_view directory);
bool finish_job(WriteTransaction& transaction, const JobFence& fence, const JobEnd& end);
/// Refuses (internal) a job past the point of no return: it is never run again from the start.
bool requeue_job(WriteTransaction& transaction, const JobFence& fence, const Requeue& requeue);
bool ask_for_input(WriteTransaction& transaction, const JobFence& fence, const JobQuestion& question);
/// The answer was taken: it is wiped, and the job runs on.
bool take_answer(WriteTransaction& transaction, const JobFence& fence, TimePoint now);

/// Keeps the sealed answer of a job that waits for one; false when it does not (any more).
bool put_answer(WriteTransaction& transaction, const JobId& id, std::string_view sealed, TimePoint now);

enum class CancelResult {
  kEnded,   // it was queued, and is cancelled now
  kAsked,   // it runs, and its worker was told
  kTooLate  // it had ended
};
CancelResult cancel_job(WriteTransaction& transaction, const JobId& id, TimePoint now);
/// An ended job that never passed the point of no return goes back into the queue as new. False when it is not one.
bool reopen_job(WriteTransaction& transaction, const JobId& id, TimePoint now);

std::optional<JobRow> find_job(ReadTransaction& transaction, const JobId& id);
/// The job that this key made.
std::optional<JobRow> find_job_by_key(ReadTransaction& transaction, std::string_view requested_by,
                                      std::string_view idempotency_key);

/// The key of a request that was answered with a job that was there already.
struct JoinedKey {
  std::string requested_by;
  std::string idempotency_key;
  JobId job;
  std::string request;  // as asked; the job's own may differ
};
void keep_joined_key(WriteTransaction& transaction, const JoinedKey& key);
std::optional<JoinedKey> find_joined_key(ReadTransaction& transaction, std::string_view requested_by,
                                         std::string_view idempotency_key);
/// The oldest of this kind that has not ended and is to be run by the queue.
std::optional<JobRow> find_open_job(ReadTransaction& transaction, const AccountId& account, std::string_view kind);
/// Newest first, at most `limit`. With an empty account: of all.
std::vector<JobRow> list_jobs(ReadTransaction& transaction, const AccountId& account, int limit);

/// Empty members let all pass.
struct JobFilter {
  AccountId account = {};
  std::string kind = {};
  std::optional<JobState> state = {};
  JobId before = {};  // only older ones: the last of the page before
  int limit = 100;
};
/// Newest first.
std::vector<JobRow> list_jobs(ReadTransaction& transaction, const JobFilter& filter);
/// The newest of this kind that went past the point of no return.
std::optional<JobRow> find_last_past_return(ReadTransaction& transaction, const AccountId& account,
                                            std::string_view kind);
/// Jobs that run or wait for an answer and whose lease has run out: their worker died.
std::vector<JobRow> list_expired_jobs(ReadTransaction& transaction, TimePoint now);

/// Removes at most `most` jobs that ended before a time, with their events and keys; returns how many. The last of its
/// account and kind that went past the point of no return stays.
int prune_jobs(WriteTransaction& transaction, TimePoint before, int most);

}  // namespace totpilot::store
