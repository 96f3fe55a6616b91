#include "agent/store/job_events.h"

#include "agent/store/query.h"

namespace totpilot::store {
namespace {

JobEventRow read_event(Row& row) {
  JobEventRow event;
  event.sequence = row.integer();
  event.job = row.id<JobId>();
  event.account = row.id<AccountId>();
  event.type = row.text();
  event.data = row.text();
  event.at = row.time();
  return event;
}

}  // namespace

void tell(WriteTransaction& transaction, const JobNews& news) {
  Query insert(
      transaction,
      "INSERT INTO job_events (job, account, type, data, at) SELECT id, account, :a, :b, :c FROM jobs WHERE id "
      "= :d");
  insert.with(news.type).with(news.data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  insert.with(news.at).with(news.job).run();
}

std::vector<JobEventRow> list_job_events(ReadTransaction& transaction, const JobEventFilter& filter) {
  std::string where = "WHERE sequence > :after";
  if (!filter.job.empty()) where += " AND job = :job";
  if (!filter.account.empty()) where += " AND account = :account";
  Query query(transaction, "SELECT sequence, job, account, type, data, at FROM job_events " + where +
                               " ORDER BY sequence LIMIT :limit");
  query.with(filter.after);
  if (!filter.job.empty()) query.with(filter.job);
  if (!filter.account.empty()) query.with(filter.account);
  return query.with(filter.limit).all(read_event);
}

std::int64_t last_job_event(ReadTransaction& transaction) {
  return Query(transaction, "SELECT coalesce(max(sequence), 0) FROM job_events").count();
}

int prune_job_events(WriteTransaction& transaction, TimePoint before, int most) {
  Query remove(transaction,
               "DELETE FROM job_events WHERE sequence IN (SELECT sequence FROM job_events WHERE at < :a AND job IN "
               "(SELECT id FROM jobs WHERE ended < :b) LIMIT :c)");
  return static_cast<int>(remove.with(before).with(before).with(most).run());
}

}  // namespace totpilot::store
