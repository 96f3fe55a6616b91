#include "agent/services/schedules.h"

#include <fmt/format.h>

#include "agent/base/failure.h"
#include "agent/schedule/blackout.h"
#include "agent/schedule/cron.h"
#include "agent/services/account_rules.h"
#include "agent/services/form.h"
#include "agent/services/house.h"
#include "agent/services/operation.h"
#include "agent/services/prospects.h"

namespace totpilot::services {
namespace {

using store::ScheduleRow;

constexpr int kLongestJitter = 24 * 60 * 60;

[[noreturn]] void refuse(const std::string& message, const std::string& hint = {}) {
  throw Failure(Outcome::kInvalidInput, message, hint);
}

schedule::Cron require_cron(const ScheduleRow& row) {
  auto cron = schedule::Cron::parse(row.cron, row.zone);
  if (!cron)
    refuse(fmt::format("cron: {}", cron.error()), "minute hour day month weekday, as in 0 3 * * mon, or @daily");
  return *std::move(cron);
}

void require_jitter(int seconds) {
  if (seconds < 0 || seconds > kLongestJitter) refuse("jitter_seconds: it goes from 0 to 86400, a day");
}

std::vector<std::string> ids_of(store::ReadTransaction& transaction, const std::vector<std::string>& names) {
  std::vector<std::string> ids;
  ids.reserve(names.size());
  for (const std::string& name : names) ids.push_back(store::require_account(transaction, name).id.str());
  return ids;
}

/// Holds a schedule to what it can be, and gives its next moment.
std::optional<TimePoint> settle_time(const ScheduleRow& row, TimePoint now) {
  if (row.tag.empty() == row.accounts.empty())
    refuse("a schedule is for the accounts of a tag, or for those listed", "give one of tag and accounts");
  const auto cron = require_cron(row);
  if (const auto blackout = schedule::Blackout::parse(row.blackouts, row.zone); !blackout)
    refuse(fmt::format("blackouts: {}", blackout.error()), "write them like mon-fri 08:00-18:00");
  const auto next = cron.next(now);
  if (!next) refuse(fmt::format("cron: \"{}\" never comes", row.cron));
  return row.enabled ? next : std::nullopt;
}

/// The jobs' arguments, held to their operation's fields.
std::string arguments_for(const std::string& kind, nlohmann::json arguments) {
  if (arguments.is_null()) arguments = nlohmann::json::object();
  if (!arguments.is_object()) refuse("arguments: they are no object");
  if (arguments.contains("account")) refuse("arguments: the account is named by the schedule");
  nlohmann::json whole = arguments;
  whole["account"] = "of the schedule";
  if (const Operation* operation = find_operation(operation_of_job(kind))) check_arguments(whole, operation->fields);
  return arguments.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

ScheduleView view_of_schedule(store::ReadTransaction& transaction, ScheduleRow row) {
  ScheduleView view;
  if (const auto cron = schedule::Cron::parse(row.cron, row.zone)) view.words = cron->in_words();
  for (const auto& account : accounts_named(transaction, "", row.accounts)) view.accounts.push_back(account.name);
  view.row = std::move(row);
  return view;
}

void apply_change(store::ReadTransaction& transaction, ScheduleRow& row, const ChangeSchedule& request) {
  if (request.name) {
    require_account_name(*request.name);
    row.name = *request.name;
  }
  if (request.cron) row.cron = *request.cron;
  if (request.zone) row.zone = *request.zone;
  if (request.tag && !request.accounts.empty()) refuse("give a tag or accounts, not both");
  if (request.tag) {
    row.tag = *request.tag;
    row.accounts.clear();
  }
  if (!request.accounts.empty()) {
    row.accounts = ids_of(transaction, request.accounts);
    row.tag.clear();
  }
  if (request.jitter_seconds) {
    require_jitter(*request.jitter_seconds);
    row.jitter = std::chrono::seconds(*request.jitter_seconds);
  }
  if (request.no_blackouts && !request.blackouts.empty()) refuse("give blackouts or no_blackouts, not both");
  if (request.no_blackouts) row.blackouts.clear();
  if (!request.blackouts.empty()) row.blackouts = request.blackouts;
  if (request.catch_up) row.catch_up = *request.catch_up;
  if (request.enabled) row.enabled = *request.enabled;
}

template <class Work>
task<ScheduleView> change_row(House& house, std::string schedule, Work work) {
  co_await house.open_store();
  auto view = co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      return work(transaction, store::require_schedule(transaction, schedule));
    });
  });
  house.desk().plans_changed();
  co_return view;
}

}  // namespace

nlohmann::ordered_json to_json(const ScheduleView& schedule) {
  const ScheduleRow& row = schedule.row;
  return {{"id", row.id.str()},
          {"name", row.name},
          {"cron", row.cron},
          {"zone", row.zone},
          {"words", schedule.words},
          {"kind", row.kind},
          {"tag", row.tag.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(row.tag)},
          {"accounts", schedule.accounts},
          {"arguments", nlohmann::ordered_json::parse(row.arguments, nullptr, false)},
          {"jitter_seconds", std::chrono::floor<std::chrono::seconds>(row.jitter).count()},
          {"blackouts", row.blackouts},
          {"catch_up", row.catch_up},
          {"enabled", row.enabled},
          {"last_due", json_time(row.last_due)},
          {"next_due", json_time(row.next_due)},
          {"pending_due", json_time(row.pending_due)},
          {"remark", row.remark},
          {"created_by", row.created_by},
          {"created", to_iso(row.created)},
          {"updated", to_iso(row.updated)}};
}

nlohmann::ordered_json to_json(const RunNow& run) {
  return {{"schedule", run.schedule},
          {"submitted", run.jobs.submitted},
          {"left_out", run.jobs.left_out},
          {"refused", run.jobs.refused},
          {"first_refusal",
           run.jobs.first_refusal.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(run.jobs.first_refusal)}};
}

task<ScheduleView> add_schedule(House& house, const Caller& caller, AddSchedule request) {
  require_account_name(request.name);
  require_plannable(request.kind);
  require_jitter(request.jitter_seconds);
  ScheduleRow row;
  const TimePoint now = house.clock().now();
  row.id = ScheduleId::make(now);
  row.name = request.name;
  row.cron = request.cron;
  row.zone = request.zone;
  row.kind = request.kind;
  row.tag = request.tag;
  row.arguments = arguments_for(request.kind, std::move(request.arguments));
  row.jitter = std::chrono::seconds(request.jitter_seconds);
  row.blackouts = request.blackouts;
  row.catch_up = request.catch_up;
  row.enabled = !request.disabled;
  row.created_by = caller.name;
  row.created = row.updated = now;
  co_await house.open_store();
  auto view = co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      row.accounts = ids_of(transaction, request.accounts);
      row.next_due = settle_time(row, now);
      store::insert_schedule(transaction, row);
      return view_of_schedule(transaction, row);
    });
  });
  house.desk().plans_changed();
  co_return view;
}

task<std::vector<ScheduleView>> list_schedules(House& house) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().read([&](store::ReadTransaction& transaction) {
      std::vector<ScheduleView> views;
      for (auto& row : store::list_schedules(transaction))
        views.push_back(view_of_schedule(transaction, std::move(row)));
      return views;
    });
  });
}

task<ScheduleView> show_schedule(House& house, std::string schedule) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().read([&](store::ReadTransaction& transaction) {
      return view_of_schedule(transaction, store::require_schedule(transaction, schedule));
    });
  });
}

task<ScheduleView> change_schedule(House& house, ChangeSchedule request) {
  co_return co_await change_row(house, request.schedule, [&](store::WriteTransaction& transaction, ScheduleRow row) {
    const TimePoint now = house.clock().now();
    const bool was_enabled = row.enabled;
    apply_change(transaction, row, request);
    const auto next = settle_time(row, now);
    const bool anew = request.cron || request.zone || row.enabled != was_enabled;
    if (anew) {
      row.next_due = next;
      row.pending_due.reset();
    }
    row.updated = now;
    store::update_schedule(transaction, row);
    return view_of_schedule(transaction, row);
  });
}

task<ScheduleView> remove_schedule(House& house, std::string schedule) {
  co_return co_await change_row(house, schedule, [](store::WriteTransaction& transaction, ScheduleRow row) {
    store::delete_schedule(transaction, row.id);
    return view_of_schedule(transaction, std::move(row));
  });
}

task<RunNow> run_schedule_now(House& house, std::string schedule) {
  const auto view = co_await show_schedule(house, schedule);
  const DueJobs jobs = co_await submit_due(plan_parts(house), view.row, house.clock().now(), Haste::kAtOnce);
  co_return RunNow{view.row.name, jobs};
}

PlanParts plan_parts(House& house) {
  return {.store = house.store(), .clock = house.clock(), .pool = house.pool(), .submit = [&house](SubmitJob request) {
            return submit_job(house, std::move(request));
          }};
}

}  // namespace totpilot::services
