#pragma once
// Schedules: what is done again and again, by a cron expression in a time zone. The daemon's Scheduler follows them.
// Whoever names a schedule may give its name or its id.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "agent/services/caller.h"
#include "agent/services/scheduler.h"

namespace totpilot::services {

class House;

struct AddSchedule {
  std::string name;
  std::string cron;
  std::string zone = "UTC";
  std::string kind;                   // "enroll": where MFA is off; "check"; "login": the sessions are renewed
  std::string tag;                    // either a tag, or accounts
  std::vector<std::string> accounts;  // names or ids
  nlohmann::json arguments = nlohmann::json::object();  // of each job, as its operation takes them
  int jitter_seconds = 0;                               // the jobs are spread over so long
  std::vector<std::string> blackouts;                   // "mon-fri 08:00-18:00": nothing begins then
  bool catch_up = false;                                // what was missed is done once, later
  bool disabled = false;
};

struct ChangeSchedule {
  std::string schedule;
  std::optional<std::string> name;
  std::optional<std::string> cron;
  std::optional<std::string> zone;
  std::optional<std::string> tag;     // in the place of the accounts
  std::vector<std::string> accounts;  // in the place of the tag or the accounts; empty: as it was
  std::optional<int> jitter_seconds;
  std::vector<std::string> blackouts;  // in the place of those there are; empty: as it was
  bool no_blackouts = false;
  std::optional<bool> catch_up;
  std::optional<bool> enabled;
};

struct ScheduleView {
  store::ScheduleRow row;
  std::string words;                  // "every Monday at 03:00 (Europe/Berlin)"
  std::vector<std::string> accounts;  // names
};
nlohmann::ordered_json to_json(const ScheduleView& schedule);

struct RunNow {
  std::string schedule;
  DueJobs jobs;
};
nlohmann::ordered_json to_json(const RunNow& run);

/// schedule.add. invalid_input for what cannot be read, never comes, or names no accounts; not_found, already_exists.
task<ScheduleView> add_schedule(House& house, const Caller& caller, AddSchedule request);
/// schedule.list, by name.
task<std::vector<ScheduleView>> list_schedules(House& house);
/// schedule.show.
task<ScheduleView> show_schedule(House& house, std::string schedule);
/// schedule.set. With another time or turned on again, it is due from now on.
task<ScheduleView> change_schedule(House& house, ChangeSchedule request);
/// schedule.remove; jobs that it submitted stay.
task<ScheduleView> remove_schedule(House& house, std::string schedule);
/// schedule.run_now: submits its jobs at once, whatever its blackouts say; its due moments stay.
task<RunNow> run_schedule_now(House& house, std::string schedule);

/// What the Scheduler and the campaigns of this house work with.
PlanParts plan_parts(House& house);

}  // namespace totpilot::services
