#include <array>

#include "agent/services/form.h"
#include "agent/services/perform.h"
#include "agent/services/schedules.h"

namespace totpilot::services {
namespace {

using enum Scope;

struct NameSchedule {
  std::string schedule;
};

constexpr Form kNameSchedule{text("schedule", &NameSchedule::schedule, kRequired, "the schedule's name or id")};

constexpr Form kAddSchedule{
    text("name", &AddSchedule::name, kRequired, "what it is called here"),
    text("cron", &AddSchedule::cron, kRequired, "minute hour day month weekday, as in 0 3 * * mon, or @daily"),
    text("zone", &AddSchedule::zone, kOptional, "the time zone, as in Europe/Berlin; UTC when not given"),
    text("kind", &AddSchedule::kind, kRequired, "enroll (where MFA is off), check, or login (sessions are renewed)"),
    text("tag", &AddSchedule::tag, kOptional, "for the accounts that have this tag when it is due"),
    texts("accounts", &AddSchedule::accounts, "for these accounts, by name or id"),
    object("arguments", &AddSchedule::arguments, kOptional, "further arguments of each job"),
    integer("jitter_seconds", &AddSchedule::jitter_seconds, kOptional, "the jobs are spread over so many seconds"),
    texts("blackouts", &AddSchedule::blackouts, "hours in which nothing is begun: mon-fri 08:00-18:00"),
    flag("catch_up", &AddSchedule::catch_up, "what was missed is done once, later"),
    flag("disabled", &AddSchedule::disabled, "it is turned on later"),
};

constexpr Form kChangeSchedule{
    text("schedule", &ChangeSchedule::schedule, kRequired, "the schedule's name or id"),
    text("name", &ChangeSchedule::name, kOptional, "another name"),
    text("cron", &ChangeSchedule::cron, kOptional, "another time"),
    text("zone", &ChangeSchedule::zone, kOptional, "another time zone"),
    text("tag", &ChangeSchedule::tag, kOptional, "for the accounts of this tag from now on"),
    texts("accounts", &ChangeSchedule::accounts, "for these accounts from now on"),
    integer("jitter_seconds", &ChangeSchedule::jitter_seconds, kOptional, "the jobs are spread over so many seconds"),
    texts("blackouts", &ChangeSchedule::blackouts, "other hours in which nothing is begun"),
    flag("no_blackouts", &ChangeSchedule::no_blackouts, "there are none any more"),
    flag("catch_up", &ChangeSchedule::catch_up, "whether what was missed is done once, later"),
    flag("enabled", &ChangeSchedule::enabled, "whether it is followed"),
};

task<nlohmann::ordered_json> run_add_schedule(Call& call) {
  co_return to_json(co_await add_schedule(call.house, call.caller, kAddSchedule.read(call.arguments)));
}

task<nlohmann::ordered_json> run_list_schedules(Call& call) {
  check_arguments(call.arguments, {});
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& one : co_await list_schedules(call.house)) list.push_back(to_json(one));
  co_return nlohmann::ordered_json{{"schedules", std::move(list)}};
}

task<nlohmann::ordered_json> run_show_schedule(Call& call) {
  co_return to_json(co_await show_schedule(call.house, kNameSchedule.read(call.arguments).schedule));
}

task<nlohmann::ordered_json> run_change_schedule(Call& call) {
  co_return to_json(co_await change_schedule(call.house, kChangeSchedule.read(call.arguments)));
}

task<nlohmann::ordered_json> run_remove_schedule(Call& call) {
  co_return to_json(co_await remove_schedule(call.house, kNameSchedule.read(call.arguments).schedule));
}

task<nlohmann::ordered_json> run_run_now(Call& call) {
  co_return to_json(co_await run_schedule_now(call.house, kNameSchedule.read(call.arguments).schedule));
}

constexpr std::array kScheduleRows = {
    Operation{"schedule.add", kManage, "adds a schedule", Verb::kPost, "/schedules", kAddSchedule.fields(),
              &run_add_schedule},
    Operation{"schedule.list", kRead, "lists schedules", Verb::kGet, "/schedules", {}, &run_list_schedules},
    Operation{"schedule.remove", kManage, "removes a schedule; jobs that it submitted stay", Verb::kDelete,
              "/schedules/{schedule}", kNameSchedule.fields(), &run_remove_schedule},
    Operation{"schedule.run_now", kRun, "submits a schedule's jobs at once", Verb::kPost, "/schedules/{schedule}/run",
              kNameSchedule.fields(), &run_run_now},
    Operation{"schedule.set", kManage, "changes a schedule", Verb::kPatch, "/schedules/{schedule}",
              kChangeSchedule.fields(), &run_change_schedule},
    Operation{"schedule.show", kRead, "shows a schedule", Verb::kGet, "/schedules/{schedule}", kNameSchedule.fields(),
              &run_show_schedule},
};

}  // namespace

std::span<const Operation> schedule_operations() { return kScheduleRows; }

}  // namespace totpilot::services
