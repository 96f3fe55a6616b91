#include "agent/store/schedules.h"

#include <fmt/format.h>

#include "agent/base/failure.h"
#include "agent/store/query.h"

namespace totpilot::store {
namespace {

constexpr std::string_view kSelectSchedules =
    "SELECT id, name, cron, zone, kind, tag, accounts, arguments, jitter_ms, blackouts, catch_up, enabled, last_due, "
    "next_due, pending_due, remark, created_by, created, updated FROM schedules ";

ScheduleRow read_schedule(Row& row) {
  ScheduleRow schedule;
  schedule.id = row.id<ScheduleId>();
  schedule.name = row.text();
  schedule.cron = row.text();
  schedule.zone = row.text();
  schedule.kind = row.text();
  schedule.tag = row.text();
  schedule.accounts = row.texts();
  schedule.arguments = row.text();
  schedule.jitter = std::chrono::milliseconds(row.integer());
  schedule.blackouts = row.texts();
  schedule.catch_up = row.flag();
  schedule.enabled = row.flag();
  schedule.last_due = row.maybe_time();
  schedule.next_due = row.maybe_time();
  schedule.pending_due = row.maybe_time();
  schedule.remark = row.text();
  schedule.created_by = row.text();
  schedule.created = row.time();
  schedule.updated = row.time();
  return schedule;
}

[[noreturn]] void schedule_name_taken(const ScheduleRow& schedule) {
  throw Failure(Outcome::kAlreadyExists, fmt::format("there is a schedule named {} already", schedule.name));
}

std::optional<ScheduleRow> find_schedule_by_name(ReadTransaction& transaction, std::string_view name) {
  return Query(transaction, std::string(kSelectSchedules) + "WHERE name = :a").with(name).first(read_schedule);
}

}  // namespace

void insert_schedule(WriteTransaction& transaction, const ScheduleRow& schedule) {
  Query insert(transaction,
               "INSERT INTO schedules (id, name, cron, zone, kind, tag, accounts, arguments, jitter_ms, blackouts, "
               "catch_up, enabled, last_due, next_due, pending_due, remark, created_by, created, updated) VALUES (:a, "
               ":b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n, :o, :p, :q, :r, :s) ON CONFLICT DO NOTHING");
  insert.with(schedule.id).with(schedule.name).with(schedule.cron).with(schedule.zone).with(schedule.kind);
  insert.with(schedule.tag).with(schedule.accounts).with(schedule.arguments);
  insert.with(std::int64_t{schedule.jitter.count()}).with(schedule.blackouts).with(schedule.catch_up);
  insert.with(schedule.enabled).with(schedule.last_due).with(schedule.next_due).with(schedule.pending_due);
  insert.with(schedule.remark).with(schedule.created_by).with(schedule.created).with(schedule.updated);
  if (insert.run() == 0) schedule_name_taken(schedule);
}

void update_schedule(WriteTransaction& transaction, const ScheduleRow& schedule) {
  const auto namesake = find_schedule_by_name(transaction, schedule.name);
  if (namesake && namesake->id != schedule.id) schedule_name_taken(schedule);
  Query update(transaction,
               "UPDATE schedules SET name = :a, cron = :b, zone = :c, kind = :d, tag = :e, accounts = :f, arguments = "
               ":g, jitter_ms = :h, blackouts = :i, catch_up = :j, enabled = :k, last_due = :l, next_due = :m, "
               "pending_due = :n, remark = :o, updated = :p WHERE id = :q");
  update.with(schedule.name).with(schedule.cron).with(schedule.zone).with(schedule.kind).with(schedule.tag);
  update.with(schedule.accounts).with(schedule.arguments).with(std::int64_t{schedule.jitter.count()});
  update.with(schedule.blackouts).with(schedule.catch_up).with(schedule.enabled).with(schedule.last_due);
  update.with(schedule.next_due).with(schedule.pending_due).with(schedule.remark).with(schedule.updated);
  if (update.with(schedule.id).run() == 0)
    throw Failure(Outcome::kNotFound, fmt::format("there is no schedule {}", schedule.name), "totpilot schedule list");
}

bool delete_schedule(WriteTransaction& transaction, const ScheduleId& id) {
  return Query(transaction, "DELETE FROM schedules WHERE id = :a").with(id).run() > 0;
}

std::optional<ScheduleRow> find_schedule(ReadTransaction& transaction, const ScheduleId& id) {
  return Query(transaction, std::string(kSelectSchedules) + "WHERE id = :a").with(id).first(read_schedule);
}

ScheduleRow require_schedule(ReadTransaction& transaction, std::string_view name_or_id) {
  if (auto found = find_schedule_by_name(transaction, name_or_id)) return *std::move(found);
  if (auto found = find_schedule(transaction, ScheduleId::from(std::string(name_or_id)))) return *std::move(found);
  throw Failure(Outcome::kNotFound, fmt::format("there is no schedule {}", name_or_id), "totpilot schedule list");
}

std::vector<ScheduleRow> list_schedules(ReadTransaction& transaction) {
  return Query(transaction, std::string(kSelectSchedules) + "ORDER BY name").all(read_schedule);
}

bool pass_due(WriteTransaction& transaction, const ScheduleId& id, const DueStep& step) {
  Query update(transaction,
               "UPDATE schedules SET next_due = :a, pending_due = coalesce(pending_due, :b), remark = :c WHERE id = :d "
               "AND next_due = :e AND enabled = 1");
  update.with(step.next).with(step.pending).with(step.remark).with(id).with(step.was);
  return update.run() > 0;
}

bool settle_due(WriteTransaction& transaction, const ScheduleId& id, TimePoint due, std::string_view remark) {
  Query update(
      transaction,
      "UPDATE schedules SET last_due = :a, pending_due = NULL, remark = :b WHERE id = :c AND pending_due = :d");
  return update.with(due).with(remark).with(id).with(due).run() > 0;
}

void set_schedule_remark(WriteTransaction& transaction, const ScheduleId& id, std::string_view remark) {
  Query(transaction, "UPDATE schedules SET remark = :a WHERE id = :b").with(remark).with(id).run();
}

}  // namespace totpilot::store
