#include <CLI/CLI.hpp>
#include <charconv>

#include "agent/cli/command.h"
#include "agent/cli/consent.h"
#include "agent/cli/json_view.h"
#include "agent/cli/usage.h"
#include "agent/cli/view.h"

namespace totpilot::cli {
namespace {

using nlohmann::ordered_json;

/// What add and set share.
struct ScheduleOptions {
  std::string name;
  std::string new_name;
  std::string cron;
  std::string zone;
  std::string kind;
  std::string tag;
  std::vector<std::string> accounts;
  std::vector<std::string> blackouts;
  std::string jitter;
  bool catch_up = false;
  bool no_catch_up = false;
  bool no_blackouts = false;
  bool on = false;
  bool off = false;
  bool accept_rotate = false;
};

std::vector<std::string> texts_at(const ordered_json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_array() ? found->get<std::vector<std::string>>()
                                                    : std::vector<std::string>();
}

std::string whom(const ordered_json& schedule) {
  const std::string tag = text_at(schedule, "tag");
  return tag.empty() ? joined(texts_at(schedule, "accounts"), ", ") : "tag " + printable(tag);
}

int show_schedule(Invocation& invocation, const ordered_json& schedule) {
  Output& out = invocation.out();
  out.document(schedule);
  out.line(fmt::format("{}: {} of {}, {}", text_at(schedule, "name"), text_at(schedule, "kind"), whom(schedule),
                       text_at(schedule, "words")));
  show_fields(out, {{"id", text_at(schedule, "id")},
                    {"next", flag_at(schedule, "enabled") ? moment_at(schedule, "next_due") : "never: it is off"},
                    {"last", moment_at(schedule, "last_due")},
                    {"waiting", moment_at(schedule, "pending_due")},
                    {"spread over", fmt::format("{} s", number_at(schedule, "jitter_seconds"))},
                    {"not in", joined(texts_at(schedule, "blackouts"), ", ")},
                    {"missed", flag_at(schedule, "catch_up") ? "is done once, later" : "is passed over"},
                    {"remark", printable(text_at(schedule, "remark"))},
                    {"made by", printable(text_at(schedule, "created_by"))}});
  return 0;
}

int seconds_of(const std::string& jitter) {
  int number = 0;
  const auto [end, error] = std::from_chars(jitter.data(), jitter.data() + jitter.size(), number);
  const std::string_view unit(end, jitter.data() + jitter.size());
  const int factor = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
  if (error != std::errc() || factor == 0 || number < 0 || number > 86'400)
    throw Failure(Outcome::kUsage, "--jitter takes a span like 90s, 10m or 1h");
  return number * factor;
}

/// What both take the same way.
nlohmann::json common_arguments(const ScheduleOptions& options) {
  nlohmann::json arguments = nlohmann::json::object();
  for (const auto& [key, value] :
       {std::pair("cron", &options.cron), std::pair("zone", &options.zone), std::pair("tag", &options.tag)})
    if (!value->empty()) arguments[key] = *value;
  if (!options.accounts.empty()) arguments["accounts"] = options.accounts;
  if (!options.blackouts.empty()) arguments["blackouts"] = options.blackouts;
  if (!options.jitter.empty()) arguments["jitter_seconds"] = seconds_of(options.jitter);
  if (options.catch_up) arguments["catch_up"] = true;
  return arguments;
}

void add_common_options(CLI::App& command, ScheduleOptions& options) {
  command.add_option("--zone", options.zone, "the time zone of the times, as in Europe/Berlin")->type_name("ZONE");
  auto* tag =
      command.add_option("--tag", options.tag, "the accounts that have this tag when it is due")->type_name("TAG");
  command.add_option("--account", options.accounts, "this account (repeatable)")
      ->type_name("ACCOUNT")
      ->allow_extra_args(false)
      ->excludes(tag);
  command.add_option("--jitter", options.jitter, "spread the accounts over so long: 90s, 10m, 1h")->type_name("SPAN");
  command
      .add_option("--blackout", options.blackouts,
                  "hours in which nothing is begun: \"mon-fri 08:00-18:00\" (repeatable)")
      ->type_name("HOURS")
      ->allow_extra_args(false);
}

int run_schedule_add(Invocation& invocation, const ScheduleOptions& options) {
  nlohmann::json arguments = common_arguments(options);
  arguments["name"] = options.name;
  arguments["kind"] = options.kind;
  if (options.off) arguments["disabled"] = true;
  if (options.accept_rotate) arguments["arguments"] = {{"accept_rotate", true}};
  return show_schedule(invocation, invocation.perform("schedule.add", std::move(arguments)));
}

void add_schedule_add(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<ScheduleOptions>();
  CLI::App& command = tree.add(
      group,
      {.name = "add",
       .summary = "add a schedule",
       .details =
           "KIND is enroll (the accounts whose MFA is off), check, or login (their sessions are renewed). CRON is "
           "minute, hour, day,\n"
           "month and weekday, or @hourly, @daily, @weekly, @monthly. On the day the clock is put forward, a time "
           "that does not exist is\n"
           "made up for when the gap ends; on the day it is put back, a time that comes twice counts once. "
           "totpilot serve follows\n"
           "schedules; what was missed while it was down is passed over, or with --catch-up done once.",
       .examples = {"totpilot schedule add nightly --kind enroll --tag ci --cron '30 2 * * *' --zone Europe/Berlin "
                    "--jitter 30m",
                    "totpilot schedule add weekly --kind check --tag ci --cron '0 3 * * mon' --catch-up",
                    "totpilot schedule add sessions --kind login --account work --cron '0 */6 * * *' --blackout "
                    "'mon-fri 08:00-18:00'"}},
      [options](Invocation& invocation) { return run_schedule_add(invocation, *options); });
  command.add_option("NAME", options->name, "what you will call it")->required();
  command.add_option("--kind", options->kind, "enroll, check or login")->required()->type_name("KIND");
  command.add_option("--cron", options->cron, "when")->required()->type_name("CRON");
  add_common_options(command, *options);
  command.add_flag("--catch-up", options->catch_up, "do what was missed once, later");
  command.add_flag("--off", options->off, "turn it on later");
  command.add_flag("--accept-rotate", options->accept_rotate,
                   "enroll: go on although opening the setup page replaces a live secret");
}

int run_schedule_set(Invocation& invocation, const ScheduleOptions& options) {
  nlohmann::json arguments = common_arguments(options);
  if (!options.new_name.empty()) arguments["name"] = options.new_name;
  if (options.no_catch_up) arguments["catch_up"] = false;
  if (options.no_blackouts) arguments["no_blackouts"] = true;
  if (options.on || options.off) arguments["enabled"] = options.on;
  if (arguments.empty()) throw Failure(Outcome::kUsage, "nothing was said to change", "totpilot schedule set --help");
  arguments["schedule"] = options.name;
  return show_schedule(invocation, invocation.perform("schedule.set", std::move(arguments)));
}

void add_schedule_set(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<ScheduleOptions>();
  CLI::App& command = tree.add(
      group,
      {.name = "set",
       .summary = "change a schedule, or turn it on or off",
       .details = "With another time, and when it is turned on again, it is due from now on.",
       .examples = {"totpilot schedule set weekly --off", "totpilot schedule set weekly --cron '0 4 * * sun'"}},
      [options](Invocation& invocation) { return run_schedule_set(invocation, *options); });
  command.add_option("SCHEDULE", options->name, "its name or id")->required();
  command.add_option("--name", options->new_name, "another name")->type_name("NAME");
  command.add_option("--cron", options->cron, "another time")->type_name("CRON");
  add_common_options(command, *options);
  command.add_flag("--no-blackouts", options->no_blackouts, "there are no such hours any more")
      ->excludes(command.get_option("--blackout"));
  auto* catch_up = command.add_flag("--catch-up", options->catch_up, "do what was missed once, later");
  command.add_flag("--no-catch-up", options->no_catch_up, "pass over what was missed")->excludes(catch_up);
  auto* on = command.add_flag("--on", options->on, "follow it");
  command.add_flag("--off", options->off, "follow it no longer")->excludes(on);
}

void add_schedule_list(CommandTree& tree, CLI::App& group) {
  tree.add(group, {.name = "list", .summary = "list schedules", .details = {}, .examples = {"totpilot schedule list"}},
           [](Invocation& invocation) {
             const ordered_json list = invocation.perform("schedule.list", nlohmann::json::object());
             std::vector<std::vector<std::string>> rows{{"NAME", "KIND", "ACCOUNTS", "WHEN", "NEXT", "REMARK"}};
             for (const ordered_json& one : list.at("schedules"))
               rows.push_back({text_at(one, "name"), text_at(one, "kind"), whom(one), text_at(one, "words"),
                               flag_at(one, "enabled") ? or_dash(moment_at(one, "next_due")) : "off",
                               or_dash(printable(text_at(one, "remark")))});
             Output& out = invocation.out();
             out.document(list);
             if (rows.size() == 1) out.note("there is no schedule yet; totpilot schedule add --help");
             if (rows.size() > 1) out.table(rows);
             return 0;
           });
}

void add_schedule_show(CommandTree& tree, CLI::App& group) {
  auto name = std::make_shared<std::string>();
  CLI::App& command = tree.add(
      group,
      {.name = "show", .summary = "show a schedule", .details = {}, .examples = {"totpilot schedule show weekly"}},
      [name](Invocation& invocation) {
        return show_schedule(invocation, invocation.perform("schedule.show", {{"schedule", *name}}));
      });
  command.add_option("SCHEDULE", *name, "its name or id")->required();
}

void add_schedule_remove(CommandTree& tree, CLI::App& group) {
  struct Options {
    std::string name;
    Consent consent;
  };
  auto options = std::make_shared<Options>();
  CLI::App& command =
      tree.add(group,
               {.name = "remove",
                .summary = "remove a schedule; jobs that it submitted stay",
                .details = "Asks first; a script says --yes.",
                .examples = {"totpilot schedule remove weekly --yes"}},
               [options](Invocation& invocation) {
                 options->consent.require(fmt::format("remove the schedule {}?", printable(options->name)),
                                          "nothing was removed");
                 const ordered_json gone = invocation.perform("schedule.remove", {{"schedule", options->name}});
                 invocation.out().document(gone);
                 invocation.out().line(fmt::format("removed {}", text_at(gone, "name")));
                 return 0;
               });
  command.add_option("SCHEDULE", options->name, "its name or id")->required();
  options->consent.add_option(command);
}

void add_schedule_run(CommandTree& tree, CLI::App& group) {
  auto name = std::make_shared<std::string>();
  CLI::App& command =
      tree.add(group,
               {.name = "run-now",
                .summary = "submit a schedule's jobs at once",
                .details = "Whatever its blackouts say; its times stay as they are. totpilot serve runs the jobs.",
                .examples = {"totpilot schedule run-now weekly"}},
               [name](Invocation& invocation) {
                 const ordered_json run = invocation.perform("schedule.run_now", {{"schedule", *name}});
                 Output& out = invocation.out();
                 out.document(run);
                 out.line(fmt::format("{} submitted, {} left out, {} refused", number_at(run, "submitted"),
                                      number_at(run, "left_out"), number_at(run, "refused")));
                 if (number_at(run, "refused") > 0) out.warn(printable(text_at(run, "first_refusal")));
                 out.note("totpilot job list shows how they stand");
                 return 0;
               });
  command.add_option("SCHEDULE", *name, "its name or id")->required();
}

}  // namespace

void add_schedule_commands(CommandTree& tree) {
  CLI::App& group = tree.add_group({.name = "schedule",
                                    .summary = "what is done again and again: add, list, show, set, remove, run-now",
                                    .details = {},
                                    .examples = {}});
  add_schedule_add(tree, group);
  add_schedule_list(tree, group);
  add_schedule_show(tree, group);
  add_schedule_set(tree, group);
  add_schedule_remove(tree, group);
  add_schedule_run(tree, group);
}

}  // namespace totpilot::cli
