#include "agent/services/scheduler.h"

#include <fmt/format.h>

#include "agent/base/counted.h"
#include "agent/base/failure.h"
#include "agent/base/log.h"
#include "agent/schedule/blackout.h"
#include "agent/schedule/cron.h"
#include "agent/services/prospects.h"

namespace totpilot::services {
namespace {

using store::ScheduleRow;

schedule::Cron cron_of(const ScheduleRow& row) {
  auto cron = schedule::Cron::parse(row.cron, row.zone);
  if (!cron) throw Failure(Outcome::kInvalidInput, fmt::format("the schedule {}: {}", row.name, cron.error()));
  return *std::move(cron);
}

schedule::Blackout blackout_of(const ScheduleRow& row) {
  auto blackout = schedule::Blackout::parse(row.blackouts, row.zone);
  if (!blackout) throw Failure(Outcome::kInvalidInput, fmt::format("the schedule {}: {}", row.name, blackout.error()));
  return *std::move(blackout);
}

/// The newest due moment up to `now`; `first` is one. Looks in growing spans, since there may be very many.
TimePoint last_due(const schedule::Cron& cron, TimePoint first, TimePoint now) {
  for (std::chrono::milliseconds span = std::chrono::hours(1);; span *= 24) {
    const bool whole = now - span <= first;
    std::optional<TimePoint> found;
    for (auto next = cron.next(whole ? first : now - span); next && *next <= now; next = cron.next(*next)) found = next;
    if (found) return *found;
    if (whole) return first;
  }
}

/// The same for the same schedule, due moment and account, so that a second try asks for the same; FNV-1a.
std::chrono::milliseconds delay_of(const ScheduleRow& row, TimePoint due, const AccountId& account) {
  if (row.jitter.count() <= 0) return std::chrono::milliseconds(0);
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : fmt::format("{} {} {}", row.id.str(), to_millis(due), account.str()))
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return std::chrono::milliseconds(hash % static_cast<std::uint64_t>(row.jitter.count() + 1));
}

struct DueAccount {
  store::AccountRow account;
  Prospect prospect = Prospect::kRuns;
};

std::vector<DueAccount> due_accounts(store::ReadTransaction& transaction, const ScheduleRow& row) {
  std::vector<DueAccount> due;
  for (auto& account : accounts_named(transaction, row.tag, row.accounts)) {
    const Prospect prospect = prospect_of(transaction, account, row.kind);
    due.push_back({std::move(account), prospect});
  }
  return due;
}

SubmitJob job_for(const ScheduleRow& row, TimePoint due, const AccountId& account) {
  SubmitJob job;
  job.account = account.str();
  job.kind = row.kind;
  job.request = nlohmann::json::parse(row.arguments);
  job.idempotency_key = fmt::format("{}:{}", to_iso(due), account.str());
  job.priority = kPlannedPriority;
  job.requested_by = fmt::format("schedule:{}", row.id.str());
  return job;
}

std::string missed_remark(const ScheduleRow& row, TimePoint last) {
  const std::string what =
      *row.next_due == last ? fmt::format("what was due at {} was missed", to_iso(last))
                            : fmt::format("what was due from {} to {} was missed", to_iso(*row.next_due), to_iso(last));
  return what + (row.catch_up ? ", and is done once now" : ", and was passed over");
}

/// "late, what was due at ...: "; nothing where it is in time.
std::string late_words(TimePoint due, TimePoint now) {
  return now - due > kPunctual ? fmt::format("late, what was due at {}: ", to_iso(due)) : std::string();
}

}  // namespace

bool is_passing(const Failure& failure) {
  return failure.code() == Outcome::kStorageFailed || failure.code() == Outcome::kBusy;
}

std::string in_words(const DueJobs& jobs) {
  std::string words = counted(static_cast<std::size_t>(jobs.submitted), "job");
  if (jobs.left_out > 0)
    words += fmt::format("; {} left out", counted(static_cast<std::size_t>(jobs.left_out), "account"));
  if (jobs.refused > 0) words += fmt::format("; {} refused: {}", jobs.refused, jobs.first_refusal);
  return words;
}

task<DueJobs> submit_due(const PlanParts& parts, const ScheduleRow& schedule, TimePoint due, Haste haste) {
  const auto blackout = blackout_of(schedule);
  const auto accounts = co_await run_blocking(parts.pool, [&] {
    return parts.store.read([&](store::ReadTransaction& transaction) { return due_accounts(transaction, schedule); });
  });
  DueJobs jobs;
  for (const DueAccount& one : accounts) {
    if (one.prospect != Prospect::kRuns) {
      ++jobs.left_out;
      continue;
    }
    SubmitJob job = job_for(schedule, due, one.account.id);
    if (haste == Haste::kAsPlanned) {
      const TimePoint from = std::max(parts.clock.now(), due) + delay_of(schedule, due, one.account.id);
      job.not_before = blackout.out_of(from);
    }
    try {
      co_await parts.submit(std::move(job));
      ++jobs.submitted;
    } catch (const Failure& failure) {
      if (is_passing(failure)) throw;
      if (jobs.refused++ == 0) jobs.first_refusal = fmt::format("{}: {}", one.account.name, failure.message());
    }
  }
  co_return jobs;
}

Scheduler::Scheduler(const boost::asio::any_io_executor& executor, PlanParts parts)
    : parts_(std::move(parts)), alarm_(executor) {}

void Scheduler::stop() {
  stopping_ = true;
  wake();
}

task<void> Scheduler::run() {
  while (!stopping_) {
    std::optional<TimePoint> next;
    try {
      next = co_await look();
    } catch (const Failure& failure) {
      log::error("the schedules could not be worked through: {}", failure.message());
      next = parts_.clock.now() + kNextTry;
    }
    if (!stopping_) co_await alarm_.wait(next, parts_.clock);
  }
}

task<std::optional<TimePoint>> Scheduler::look() {
  auto schedules = co_await run_blocking(parts_.pool, [this] {
    return parts_.store.read([](store::ReadTransaction& transaction) { return store::list_schedules(transaction); });
  });
  std::optional<TimePoint> next;
  for (ScheduleRow& one : schedules) {
    if (!one.enabled) continue;
    std::optional<TimePoint> turn;
    try {
      turn = co_await look_at(std::move(one));
    } catch (const Failure& failure) {
      if (is_passing(failure)) throw;
      log::error("a schedule cannot be followed: {}", failure.message());
    }
    if (turn && (!next || *turn < *next)) next = turn;
  }
  co_return next;
}

task<std::optional<TimePoint>> Scheduler::look_at(ScheduleRow schedule) {
  co_await pass_what_is_due(schedule);
  co_await begin_pending(schedule);
  if (!schedule.pending_due) co_return schedule.next_due;
  co_return blackout_of(schedule).out_of(parts_.clock.now());
}

task<void> Scheduler::pass_what_is_due(ScheduleRow& schedule) {
  const TimePoint now = parts_.clock.now();
  if (!schedule.next_due || *schedule.next_due > now) co_return;
  const auto cron = cron_of(schedule);
  const TimePoint last = last_due(cron, *schedule.next_due, now);
  const bool missed = now - last > kPunctual;
  store::DueStep step{.was = *schedule.next_due, .pending = {}, .next = cron.next(now), .remark = schedule.remark};
  if (!missed || schedule.catch_up) step.pending = last;
  if (missed) {
    step.remark = missed_remark(schedule, last);
    log::warn("schedule {}: {}", schedule.name, step.remark);
  }
  const auto after = co_await run_blocking(parts_.pool, [&] {
    return parts_.store.write([&](store::WriteTransaction& transaction) {
      store::pass_due(transaction, schedule.id, step);
      return store::find_schedule(transaction, schedule.id);
    });
  });
  if (after) schedule = *after;
  if (!after || !after->enabled) schedule.pending_due.reset();
}

task<void> Scheduler::begin_pending(ScheduleRow& schedule) {
  if (!schedule.pending_due) co_return;
  const TimePoint now = parts_.clock.now();
  const TimePoint open = blackout_of(schedule).out_of(now);
  const bool put_off = open > now;
  std::string remark =
      put_off ? fmt::format("what was due at {} is put off until {}", to_iso(*schedule.pending_due), to_iso(open))
              : std::string();
  if (!put_off) {
    const DueJobs jobs = co_await submit_due(parts_, schedule, *schedule.pending_due, Haste::kAsPlanned);
    remark = late_words(*schedule.pending_due, now) + in_words(jobs);
    log::info("schedule {}: {}", schedule.name, remark);
  }
  co_await run_blocking(parts_.pool, [&] {
    parts_.store.write([&](store::WriteTransaction& transaction) {
      if (put_off) {
        store::set_schedule_remark(transaction, schedule.id, remark);
      } else {
        store::settle_due(transaction, schedule.id, *schedule.pending_due, remark);
      }
    });
  });
  if (!put_off) schedule.pending_due.reset();
}

}  // namespace totpilot::services
