#include "agent/store/job_turns.h"

#include "agent/store/job_events.h"
#include "agent/store/jobs.h"
#include "agent/store/query.h"

namespace totpilot::store {
namespace {

constexpr std::string_view kNext =
    "SELECT id FROM jobs WHERE state = 'queued' AND request <> '' AND (not_before IS NULL OR not_before <= :now1) "
    // one job of an account at a time
    "AND NOT EXISTS (SELECT 1 FROM jobs AS other WHERE other.account = jobs.account AND other.state IN ('running', "
    "'needs_input') AND other.lease_until >= :now2) "
    // the lane's breaker, the distance in the lane, and the distance of the account's jobs
    "AND NOT EXISTS (SELECT 1 FROM lanes WHERE lanes.lane = jobs.lane AND (lanes.open_until > :now3 OR "
    "lanes.next_start "
    "> :now4 OR (lanes.spacing_ms > 0 AND EXISTS (SELECT 1 FROM jobs AS recent WHERE recent.account = jobs.account AND "
    "recent.id <> jobs.id AND recent.started > :now5 - lanes.spacing_ms)))) "
    // a single one of a lane on trial, also while it waits for a person
    "AND NOT (:breaker1 > 0 AND EXISTS (SELECT 1 FROM lanes WHERE lanes.lane = jobs.lane AND lanes.failures >= "
    ":breaker2) AND EXISTS (SELECT 1 FROM jobs AS trial WHERE trial.lane = jobs.lane AND trial.state IN ('running', "
    "'needs_input') AND trial.lease_until >= :now6)) "
    // so many of a lane at once
    "AND (:most1 = 0 OR (SELECT count(*) FROM jobs AS busy WHERE busy.lane = jobs.lane AND busy.state = 'running' AND "
    "busy.lease_until >= :now7) < :most2) "
    "ORDER BY priority DESC, created, id LIMIT 1";

LaneRow read_lane(Row& row) {
  LaneRow lane;
  lane.lane = row.text();
  lane.failures = row.number();
  lane.open_until = row.maybe_time();
  lane.next_start = row.maybe_time();
  lane.spacing = std::chrono::milliseconds(row.integer());
  return lane;
}

}  // namespace

std::optional<JobRow> claim_next_job(WriteTransaction& transaction, const WorkerId& owner, TimePoint now,
                                     TimePoint lease_until, const TurnRules& rules) {
  Query query(transaction, kNext);
  query.with(now).with(now).with(now).with(now).with(now);
  query.with(rules.breaker_after).with(rules.breaker_after).with(now);
  query.with(rules.most_per_lane).with(now).with(rules.most_per_lane);
  const auto id = query.first([](Row& row) { return row.id<JobId>(); });
  if (!id) return std::nullopt;
  auto job = claim_job(transaction, *id, owner, now, lease_until);
  if (!job) return std::nullopt;
  if (rules.lane_gap.count() > 0) {
    Query gap(transaction,
              "INSERT INTO lanes (lane, next_start) VALUES (:a, :b) ON CONFLICT (lane) DO UPDATE SET next_start = "
              "excluded.next_start");
    gap.with(job->lane).with(now + rules.lane_gap).run();
  }
  tell(transaction, {job->id, "job.started", {{"attempt", job->attempts}}, now});
  return job;
}

std::optional<TimePoint> next_turn(ReadTransaction& transaction, TimePoint now) {
  Query query(
      transaction,
      "SELECT min(at) FROM (SELECT not_before AS at FROM jobs WHERE state = 'queued' AND request <> '' "
      "UNION ALL SELECT lease_until + 1 FROM jobs WHERE state IN ('running', 'needs_input') "
      "UNION ALL SELECT open_until FROM lanes WHERE EXISTS (SELECT 1 FROM jobs WHERE jobs.lane = lanes.lane AND "
      "state = 'queued') "
      "UNION ALL SELECT next_start FROM lanes WHERE EXISTS (SELECT 1 FROM jobs WHERE jobs.lane = lanes.lane AND "
      "state = 'queued') "
      "UNION ALL SELECT recent.started + lanes.spacing_ms FROM jobs JOIN lanes ON lanes.lane = jobs.lane JOIN "
      "jobs AS recent ON recent.account = jobs.account AND recent.id <> jobs.id WHERE jobs.state = 'queued' AND "
      "lanes.spacing_ms > 0) WHERE at > :now");
  const auto at = query.with(now).first([](Row& row) { return row.maybe_time(); });
  return at ? *at : std::nullopt;
}

void set_lane_spacing(WriteTransaction& transaction, std::string_view lane, std::chrono::milliseconds spacing) {
  Query put(transaction,
            "INSERT INTO lanes (lane, spacing_ms) VALUES (:a, :b) ON CONFLICT (lane) DO UPDATE SET spacing_ms = "
            "excluded.spacing_ms WHERE lanes.spacing_ms <> excluded.spacing_ms");
  put.with(lane).with(std::int64_t{spacing.count()}).run();
}

std::optional<LaneRow> find_lane(ReadTransaction& transaction, std::string_view lane) {
  Query query(transaction, "SELECT lane, failures, open_until, next_start, spacing_ms FROM lanes WHERE lane = :a");
  return query.with(lane).first(read_lane);
}

void put_lane(WriteTransaction& transaction, const LaneRow& lane) {
  Query put(
      transaction,
      "INSERT INTO lanes (lane, failures, open_until, next_start, spacing_ms) VALUES (:a, :b, :c, :d, :e) ON "
      "CONFLICT (lane) DO UPDATE SET failures = excluded.failures, open_until = excluded.open_until, next_start = "
      "excluded.next_start, spacing_ms = excluded.spacing_ms");
  put.with(lane.lane).with(lane.failures).with(lane.open_until).with(lane.next_start);
  put.with(std::int64_t{lane.spacing.count()}).run();
}

}  // namespace totpilot::store
