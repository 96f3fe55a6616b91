#include "agent/store/jobs.h"

#include <nlohmann/json.hpp>

#include "agent/store/job_events.h"
#include "agent/store/query.h"
#include "agent/store/row_names.h"

namespace totpilot::store {
namespace {

constexpr std::string_view kSelectJobs =
    "SELECT id, account, kind, state, outcome, message, report_directory, lease_owner, lease_generation, lease_until, "
    "past_return, created, started, ended, priority, lane, request, result, idempotency_key, requested_by, not_before, "
    "attempts, cancel_requested, input, input_until, sealed_answer FROM jobs ";

// Queued, or its worker died; and no other job of the account runs: two logins at once would lock it or spend the same
// window. A job that ended has no lease.
constexpr std::string_view kClaimable =
    "(state = 'queued' OR (state IN ('running', 'needs_input') AND lease_until < :now1)) AND NOT EXISTS (SELECT 1 "
    "FROM jobs AS other WHERE other.account = jobs.account AND other.id <> jobs.id AND other.state IN ('running', "
    "'needs_input') AND other.lease_until >= :now2)";

constexpr std::string_view kFence =
    " WHERE id = :id AND state IN ('running', 'needs_input') AND ended IS NULL AND lease_owner = :owner AND "
    "lease_generation = :generation";

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
  job.priority = row.number();
  job.lane = row.text();
  job.request = row.text();
  job.result = row.text();
  job.idempotency_key = row.text();
  job.requested_by = row.text();
  job.not_before = row.maybe_time();
  job.attempts = row.number();
  job.cancel_requested = row.flag();
  job.input = row.text();
  job.input_until = row.maybe_time();
  job.sealed_answer = row.text();
  return job;
}

bool run_fenced(Query& update, const JobFence& fence) {
  return update.with(fence.id).with(fence.owner).with(fence.lease_generation).run() == 1;
}

std::string fenced(std::string_view set) { return "UPDATE jobs SET " + std::string(set) + std::string(kFence); }

/// Tells of a change that was made; passes on whether it was.
bool told(WriteTransaction& transaction, bool changed, const JobNews& news) {
  if (changed) tell(transaction, news);
  return changed;
}

/// An answer that is overwritten must not stay in the log.
void wipe_answer(WriteTransaction& transaction, const JobId& id) {
  Query wipe(transaction, "UPDATE jobs SET sealed_answer = '' WHERE id = :a AND sealed_answer <> ''");
  if (wipe.with(id).run() == 1) transaction.scrub_after_commit();
}

nlohmann::json ended_as(std::string_view state, const std::string& outcome, const std::string& message) {
  return {{"state", state}, {"outcome", outcome}, {"message", message}};
}

}  // namespace

JobFence fence_of(const JobRow& row) { return {row.id, WorkerId::from(row.lease_owner), row.lease_generation}; }

void insert_job(WriteTransaction& transaction, const JobRow& job) {
  Query insert(transaction,
               "INSERT INTO jobs (id, account, kind, state, outcome, message, report_directory, lease_owner, "
               "lease_generation, lease_until, past_return, created, started, ended, priority, lane, request, result, "
               "idempotency_key, requested_by, not_before, attempts, cancel_requested, input, input_until, "
               "sealed_answer) VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n, :o, :p, :q, :r, :s, "
               ":t, :u, :v, :w, :x, :y, :z)");
  insert.with(job.id).with(job.account).with(job.kind).with(name_in(kJobStates, job.state)).with(job.outcome);
  insert.with(job.message).with(job.report_directory).with(job.lease_owner).with(job.lease_generation);
  insert.with(job.lease_until).with(job.past_return).with(job.created).with(job.started).with(job.ended);
  insert.with(job.priority).with(job.lane).with(job.request).with(job.result).with(job.idempotency_key);
  insert.with(job.requested_by).with(job.not_before).with(job.attempts).with(job.cancel_requested);
  insert.with(job.input).with(job.input_until).with(job.sealed_answer).run();
  if (job.state == JobState::kQueued && job.from_queue())
    tell(transaction, {job.id, "job.queued", {{"kind", job.kind}, {"requested_by", job.requested_by}}, job.created});
}

std::optional<JobRow> claim_job(WriteTransaction& transaction, const JobId& id, const WorkerId& owner, TimePoint now,
                                TimePoint lease_until) {
  Query update(transaction,
               "UPDATE jobs SET state = 'running', lease_owner = :a, lease_generation = lease_generation + 1, "
               "lease_until = :b, started = coalesce(started, :c), attempts = attempts + 1 WHERE id = :d AND " +
                   std::string(kClaimable));
  if (update.with(owner).with(lease_until).with(now).with(id).with(now).with(now).run() != 1) return std::nullopt;
  return find_job(transaction, id);
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
  Query update(transaction, fenced("state = :a, outcome = :b, message = :c, ended = :d, result = :e, lease_until = "
                                   "NULL, input_until = NULL"));
  const auto state = name_in(kJobStates, end.state);
  update.with(state).with(end.outcome).with(end.message).with(end.at).with(end.result);
  const bool ours = run_fenced(update, fence);
  if (ours) wipe_answer(transaction, fence.id);
  return told(transaction, ours, {fence.id, "job.ended", ended_as(state, end.outcome, end.message), end.at});
}

bool requeue_job(WriteTransaction& transaction, const JobFence& fence, const Requeue& requeue) {
  const auto job = find_job(transaction, fence.id);
  if (job && job->past_return)
    throw Failure(Outcome::kInternal, "a job past the point of no return cannot be queued again");
  Query update(transaction,
               fenced("state = 'queued', outcome = :a, message = :b, not_before = :c, attempts = :d, lease_owner = '', "
                      "lease_until = NULL, input = '', input_until = NULL"));
  update.with(requeue.outcome).with(requeue.message).with(requeue.not_before).with(requeue.attempts);
  const bool ours = run_fenced(update, fence);
  if (ours) wipe_answer(transaction, fence.id);
  return told(transaction, ours,
              {fence.id,
               "job.queued",
               {{"again", true},
                {"outcome", requeue.outcome},
                {"message", requeue.message},
                {"not_before", to_iso(requeue.not_before)}},
               requeue.at});
}

bool ask_for_input(WriteTransaction& transaction, const JobFence& fence, const JobQuestion& question) {
  Query update(transaction, fenced("state = 'needs_input', input = :a, input_until = :b"));
  const bool ours = run_fenced(update.with(question.input).with(question.until), fence);
  return told(transaction, ours,
              {fence.id,
               "job.needs_input",
               {{"input", nlohmann::json::parse(question.input, nullptr, false)}, {"until", to_iso(question.until)}},
               question.at});
}

bool take_answer(WriteTransaction& transaction, const JobFence& fence, TimePoint now) {
  Query update(transaction, fenced("state = 'running', input = '', input_until = NULL"));
  const bool ours = run_fenced(update, fence);
  if (ours) wipe_answer(transaction, fence.id);
  return told(transaction, ours, {fence.id, "job.resumed", nlohmann::json::object(), now});
}

bool put_answer(WriteTransaction& transaction, const JobId& id, std::string_view sealed, TimePoint now) {
  wipe_answer(transaction, id);
  Query update(transaction,
               "UPDATE jobs SET sealed_answer = :a WHERE id = :b AND state = 'needs_input' AND ended IS NULL AND "
               "lease_until >= :c AND input_until > :d");
  return update.with(sealed).with(id).with(now).with(now).run() == 1;
}

CancelResult cancel_job(WriteTransaction& transaction, const JobId& id, TimePoint now) {
  constexpr std::string_view kMessage = "it was cancelled before it ran";
  Query queued(
      transaction,
      "UPDATE jobs SET state = 'cancelled', cancel_requested = 1, outcome = 'cancelled', message = :a, ended = "
      ":b WHERE id = :c AND state = 'queued'");
  if (queued.with(kMessage).with(now).with(id).run() == 1) {
    tell(transaction, {id, "job.ended", ended_as("cancelled", "cancelled", std::string(kMessage)), now});
    return CancelResult::kEnded;
  }
  Query running(transaction,
                "UPDATE jobs SET cancel_requested = 1 WHERE id = :a AND state IN ('running', 'needs_input') AND ended "
                "IS NULL");
  if (running.with(id).run() != 1) return CancelResult::kTooLate;
  tell(transaction, {id, "job.cancel_requested", nlohmann::json::object(), now});
  return CancelResult::kAsked;
}

bool reopen_job(WriteTransaction& transaction, const JobId& id, TimePoint now) {
  Query update(transaction,
               "UPDATE jobs SET state = 'queued', outcome = '', message = '', result = '', started = NULL, ended = "
               "NULL, attempts = 0, cancel_requested = 0, not_before = NULL, lease_owner = '', input = '' WHERE id = "
               ":a AND past_return = 0 AND request <> '' AND ended IS NOT NULL AND state <> 'done'");
  return told(transaction, update.with(id).run() == 1, {id, "job.queued", {{"again", true}}, now});
}

std::optional<JobRow> find_job(ReadTransaction& transaction, const JobId& id) {
  return Query(transaction, std::string(kSelectJobs) + "WHERE id = :a").with(id).first(read_job);
}

std::optional<JobRow> find_job_by_key(ReadTransaction& transaction, std::string_view requested_by,
                                      std::string_view idempotency_key) {
  Query query(transaction, std::string(kSelectJobs) +
                               "WHERE requested_by = :a AND idempotency_key = :b AND "
                               "idempotency_key <> ''");
  return query.with(requested_by).with(idempotency_key).first(read_job);
}

void keep_joined_key(WriteTransaction& transaction, const JoinedKey& key) {
  Query insert(transaction,
               "INSERT INTO joined_keys (requested_by, idempotency_key, job, request) VALUES (:a, :b, :c, :d)");
  insert.with(key.requested_by).with(key.idempotency_key).with(key.job).with(key.request).run();
}

std::optional<JoinedKey> find_joined_key(ReadTransaction& transaction, std::string_view requested_by,
                                         std::string_view idempotency_key) {
  Query query(transaction,
              "SELECT requested_by, idempotency_key, job, request FROM joined_keys WHERE requested_by = :a AND "
              "idempotency_key = :b");
  return query.with(requested_by).with(idempotency_key).first([](Row& row) {
    JoinedKey key;
    key.requested_by = row.text();
    key.idempotency_key = row.text();
    key.job = row.id<JobId>();
    key.request = row.text();
    return key;
  });
}

std::optional<JobRow> find_open_job(ReadTransaction& transaction, const AccountId& account, std::string_view kind) {
  Query query(transaction, std::string(kSelectJobs) +
                               "WHERE account = :a AND kind = :b AND request <> '' AND ended IS "
                               "NULL AND cancel_requested = 0 ORDER BY created, id LIMIT 1");
  return query.with(account).with(kind).first(read_job);
}

std::vector<JobRow> list_jobs(ReadTransaction& transaction, const AccountId& account, int limit) {
  return list_jobs(transaction, JobFilter{.account = account, .limit = limit});
}

std::vector<JobRow> list_jobs(ReadTransaction& transaction, const JobFilter& filter) {
  std::string where = "WHERE 1 = 1";
  if (!filter.account.empty()) where += " AND account = :account";
  if (!filter.kind.empty()) where += " AND kind = :kind";
  if (filter.state) where += " AND state = :state";
  if (!filter.before.empty()) where += " AND (created, id) < (SELECT created, id FROM jobs WHERE id = :before)";
  Query query(transaction, std::string(kSelectJobs) + where + " ORDER BY created DESC, id DESC LIMIT :limit");
  if (!filter.account.empty()) query.with(filter.account);
  if (!filter.kind.empty()) query.with(filter.kind);
  if (filter.state) query.with(name_in(kJobStates, *filter.state));
  if (!filter.before.empty()) query.with(filter.before);
  return query.with(filter.limit).all(read_job);
}

std::optional<JobRow> find_last_past_return(ReadTransaction& transaction, const AccountId& account,
                                            std::string_view kind) {
  Query query(transaction, std::string(kSelectJobs) +
                               "WHERE account = :a AND kind = :b AND past_return = 1 "
                               "ORDER BY created DESC, id DESC LIMIT 1");
  return query.with(account).with(kind).first(read_job);
}

std::vector<JobRow> list_expired_jobs(ReadTransaction& transaction, TimePoint now) {
  Query query(transaction, std::string(kSelectJobs) +
                               "WHERE state IN ('running', 'needs_input') AND lease_until < :a ORDER BY created, id");
  return query.with(now).all(read_job);
}

int prune_jobs(WriteTransaction& transaction, TimePoint before, int most) {
  Query remove(
      transaction,
      "DELETE FROM jobs WHERE id IN (SELECT old.id FROM jobs AS old WHERE old.ended < :a AND NOT "
      "(old.past_return = 1 AND NOT EXISTS (SELECT 1 FROM jobs AS later WHERE later.account = old.account AND "
      "later.kind = old.kind AND later.past_return = 1 AND (later.created, later.id) > (old.created, old.id))) "
      "LIMIT :b)");
  return static_cast<int>(remove.with(before).with(most).run());
}

}  // namespace totpilot::store
