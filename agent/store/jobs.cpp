#include "agent/store/jobs.h"

#include "agent/store/query.h"
#include "agent/store/row_names.h"

namespace totpilot::store {
namespace {

constexpr std::string_view kSelectJobs =
    "SELECT id, account, kind, state, outcome, message, report_directory, lease_owner, lease_generation, lease_until, "
    "past_return, created, started, ended FROM jobs ";

// Queued, or its worker died; and no other job of the account runs: two logins at once would lock it or spend the same
// window.
constexpr std::string_view kClaimable =
    "(state = 'queued' OR (state = 'running' AND lease_until < :now1)) AND NOT EXISTS (SELECT 1 FROM jobs AS other "
    "WHERE "
    "other.account = jobs.account AND other.id <> jobs.id AND other.state = 'running' AND other.lease_until >= :now2)";

constexpr std::string_view kFence =
    " WHERE id = :id AND state = 'running' AND lease_owner = :owner AND lease_generation = :generation";

JobRow read_job(Row& row) {
  JobRow job;
  job.id = row.id<JobId>();
  job.account = row.id<AccountId>();
  job.kind = row.text();
  job.state = value_in(kJobStates, row.text());
  job.outcome = row.text();
  job.message = row.text();
  job.report_directory = row.text();
  job.lease_owner = row.text();
  job.lease_generation = row.integer();
  job.lease_until = row.maybe_time();
  job.past_return = row.flag();
  job.created = row.time();
  job.started = row.maybe_time();
  job.ended = row.maybe_time();
  return job;
}

bool run_fenced(Query& update, const JobFence& fence) {
  return update.with(fence.id).with(fence.owner).with(fence.lease_generation).run() == 1;
}

std::string fenced(std::string_view set) { return "UPDATE jobs SET " + std::string(set) + std::string(kFence); }

}  // namespace

JobFence fence_of(const JobRow& row) { return {row.id, WorkerId::from(row.lease_owner), row.lease_generation}; }

void insert_job(WriteTransaction& transaction, const JobRow& job) {
  Query insert(transaction,
               "INSERT INTO jobs (id, account, kind, state, outcome, message, report_directory, lease_owner, "
               "lease_generation, lease_until, past_return, created, started, ended) "
               "VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n)");
  insert.with(job.id).with(job.account).with(job.kind).with(name_in(kJobStates, job.state)).with(job.outcome);
  insert.with(job.message).with(job.report_directory).with(job.lease_owner).with(job.lease_generation);
  insert.with(job.lease_until).with(job.past_return).with(job.created).with(job.started).with(job.ended).run();
}

std::optional<JobRow> claim_job(WriteTransaction& transaction, const JobId& id, const WorkerId& owner, TimePoint now,
                                TimePoint lease_until) {
  Query update(transaction,
               "UPDATE jobs SET state = 'running', lease_owner = :a, lease_generation = lease_generation + 1, "
               "lease_until = :b, started = coalesce(started, :c) WHERE id = :d AND " +
                   std::string(kClaimable));
  if (update.with(owner).with(lease_until).with(now).with(id).with(now).with(now).run() != 1) return std::nullopt;
  return find_job(transaction, id);
}

std::optional<JobRow> claim_next_job(WriteTransaction& transaction, const WorkerId& owner, TimePoint now,
                                     TimePoint lease_until) {
  Query query(transaction, "SELECT id FROM jobs WHERE " + std::string(kClaimable) + " ORDER BY created, id LIMIT 1");
  const auto id = query.with(now).with(now).first([](Row& row) { return row.id<JobId>(); });
  if (!id) return std::nullopt;
  return claim_job(transaction, *id, owner, now, lease_until);
}

bool extend_lease(WriteTransaction& transaction, const JobFence& fence, TimePoint lease_until) {
  Query update(transaction, fenced("lease_until = :a"));
  return run_fenced(update.with(lease_until), fence);
}

bool mark_past_return(WriteTransaction& transaction, const JobFence& fence) {
  Query update(transaction, fenced("past_return = 1"));
  return run_fenced(update, fence);
}

bool set_report_directory(WriteTransaction& transaction, const JobFence& fence, std::string_view directory) {
  Query update(transaction, fenced("report_directory = :a"));
  return run_fenced(update.with(directory), fence);
}

bool finish_job(WriteTransaction& transaction, const JobFence& fence, const JobEnd& end) {
  if (end.state == JobState::kQueued || end.state == JobState::kRunning)
    throw Failure(Outcome::kInternal, "a job cannot end as queued or running");
  Query update(transaction, fenced("state = :a, outcome = :b, message = :c, ended = :d, lease_until = NULL"));
  update.with(name_in(kJobStates, end.state)).with(end.outcome).with(end.message).with(end.at);
  return run_fenced(update, fence);
}

std::optional<JobRow> find_job(ReadTransaction& transaction, const JobId& id) {
  return Query(transaction, std::string(kSelectJobs) + "WHERE id = :a").with(id).first(read_job);
}

std::vector<JobRow> list_jobs(ReadTransaction& transaction, const AccountId& account, int limit) {
  Query query(transaction,
              std::string(kSelectJobs) + "WHERE account = :a OR :b = '' ORDER BY created DESC, id DESC LIMIT :c");
  return query.with(account).with(account).with(limit).all(read_job);
}

std::optional<JobRow> find_last_past_return(ReadTransaction& transaction, const AccountId& account,
                                            std::string_view kind) {
  Query query(transaction, std::string(kSelectJobs) +
                               "WHERE account = :a AND kind = :b AND past_return = 1 "
                               "ORDER BY created DESC, id DESC LIMIT 1");
  return query.with(account).with(kind).first(read_job);
}

std::vector<JobRow> list_expired_jobs(ReadTransaction& transaction, TimePoint now) {
  Query query(transaction,
              std::string(kSelectJobs) + "WHERE state = 'running' AND lease_until < :a ORDER BY created, id");
  return query.with(now).all(read_job);
}

}  // namespace totpilot::store
