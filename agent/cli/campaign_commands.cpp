#include <CLI/CLI.hpp>

#include "agent/base/file.h"
#include "agent/cli/command.h"
#include "agent/cli/consent.h"
#include "agent/cli/json_view.h"
#include "agent/cli/output_file.h"
#include "agent/cli/view.h"

namespace totpilot::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kLongestRoster = std::size_t{8} << 20;

struct PlanOptions {
  std::string name;
  std::string kind = "enroll";
  std::string tag;
  std::string csv;
  std::string app;
  int canary = 1;
  int stop_after = 3;
  bool insecure_http = false;
  bool dry_run = false;
};

std::string progress_of(const ordered_json& campaign) {
  const ordered_json& counts = campaign.at("counts");
  std::string text;
  for (const auto& [key, word] :
       {std::pair("done", "done"), std::pair("failed", "failed"), std::pair("submitted", "under way"),
        std::pair("waiting", "waiting"), std::pair("cancelled", "cancelled"), std::pair("left_out", "left out")})
    if (const auto number = number_at(counts, key); number > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number, word);
  return text.empty() ? "no account" : text;
}

int say_campaign(Invocation& invocation, const ordered_json& campaign) {
  Output& out = invocation.out();
  out.document(campaign);
  const std::string remark = printable(text_at(campaign, "remark"));
  out.line(fmt::format("{}: {}{}{}", text_at(campaign, "name"), text_at(campaign, "state"), remark.empty() ? "" : ": ",
                       remark));
  out.line(progress_of(campaign));
  const auto items = campaign.find("items");
  if (items == campaign.end()) return 0;
  std::vector<std::vector<std::string>> rows{{"ACCOUNT", "PLAN", "STATE", "OUTCOME", "JOB", "MESSAGE"}};
  for (const ordered_json& item : *items)
    rows.push_back({text_at(item, "account"), text_at(item, "plan"), text_at(item, "state"),
                    or_dash(text_at(item, "outcome")), or_dash(text_at(item, "job")),
                    or_dash(printable(text_at(item, "message")))});
  out.table(rows);
  return 0;
}

Secret read_roster_file(const std::string& path) {
  return path == "-" ? read_standard_input(kLongestRoster) : read_secret_file(path, kLongestRoster);
}

void tell_plan(Output& out, const PlanOptions& options, const ordered_json& plan) {
  std::vector<std::vector<std::string>> rows{{"ACCOUNT", "PLAN", ""}};
  for (const ordered_json& item : plan.at("items"))
    rows.push_back({text_at(item, "account"), text_at(item, "plan"),
                    flag_at(item, "added") ? (options.dry_run ? "would be added" : "added") : ""});
  out.table(rows);
  for (const ordered_json& remark : plan.at("remarks")) out.note(printable(remark.get<std::string>()));
  if (const auto lonely = plan.at("read_by_nobody_else").get<std::vector<std::string>>(); !lonely.empty())
    out.note(fmt::format("nobody else could read the codes of: {}", joined(lonely, ", ")));
  if (options.dry_run) return out.note("nothing was kept; without --dry-run the plan is");
  out.note(fmt::format("start it with totpilot campaign start {}", options.name));
}

int run_campaign_plan(Invocation& invocation, const PlanOptions& options) {
  nlohmann::json arguments{{"name", options.name},
                           {"kind", options.kind},
                           {"canary", options.canary},
                           {"stop_after_failures", options.stop_after}};
  if (!options.tag.empty()) arguments["tag"] = options.tag;
  if (!options.app.empty()) arguments["app"] = options.app;
  if (options.insecure_http) arguments["insecure_http"] = true;
  if (options.dry_run) arguments["dry_run"] = true;
  if (!options.csv.empty()) arguments["csv"] = std::string(read_roster_file(options.csv).reveal());
  const ordered_json plan = invocation.perform("campaign.plan", std::move(arguments));
  invocation.out().document(plan);
  tell_plan(invocation.out(), options, plan);
  return 0;
}

void add_campaign_plan(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<PlanOptions>();
  CLI::App& command = tree.add(
      group,
      {.name = "plan",
       .summary = "say what a campaign would do for each account, and keep the plan",
       .details =
           "From a tag, or from a CSV file with the columns name, username, url, and if you like password, app, "
           "origins, tags, owner,\n"
           "shares, notes; also as Bitwarden, 1Password and Chrome export it (of their addresses the origin is "
           "taken, of their notes\n"
           "nothing). Accounts of the file are added, and their passwords sealed; delete the file then. Owner is "
           "a member, shares are\n"
           "members or teams, with ; between them. All bad lines are named at once, and then nothing is kept. "
           "Per account the plan is\n"
           "the kind, or why not: already_on, unsettled (recover or confirm it first), no_playbook, no_password, "
           "name_clash (another\n"
           "account has the name).",
       .examples = {"totpilot campaign plan autumn --tag ci",
                    "totpilot campaign plan staff --csv staff.csv --app "
                    "redmine --canary 3 --stop-after 5",
                    "totpilot campaign plan staff --csv export.csv --app redmine --dry-run"}},
      [options](Invocation& invocation) { return run_campaign_plan(invocation, *options); });
  command.add_option("NAME", options->name, "what you will call it")->required();
  auto* tag = command.add_option("--tag", options->tag, "the accounts that have this tag")->type_name("TAG");
  command.add_option("--csv", options->csv, "the accounts of this file; - is standard input")
      ->type_name("FILE")
      ->excludes(tag);
  command.add_option("--kind", options->kind, "enroll, check or login; default enroll")->type_name("KIND");
  command.add_option("--app", options->app, "the playbook of accounts in the file that name none")->type_name("APP");
  command.add_option("--canary", options->canary, "so many accounts first; default 1")->type_name("N");
  command.add_option("--stop-after", options->stop_after, "stop after so many failures; default 3, 0 for never")
      ->type_name("N");
  command.add_flag("--insecure-http", options->insecure_http,
                   "accept addresses that are neither https nor on this machine");
  command.add_flag("--dry-run", options->dry_run, "only say it; nothing is kept");
}

void add_campaign_start(CommandTree& tree, CLI::App& group) {
  struct Options {
    std::string name;
    bool accept_alone = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App& command =
      tree.add(group,
               {.name = "start",
                .summary = "start a planned campaign with its canary",
                .details = "The rest follows when all of the canary went well. totpilot serve does the work.",
                .examples = {"totpilot campaign start autumn"}},
               [options](Invocation& invocation) {
                 nlohmann::json arguments{{"campaign", options->name}};
                 if (options->accept_alone) arguments["accept_alone"] = true;
                 return say_campaign(invocation, invocation.perform("campaign.start", std::move(arguments)));
               });
  command.add_option("CAMPAIGN", options->name, "its name or id")->required();
  command.add_flag("--accept-alone", options->accept_alone, "also where nobody else could read an account's codes");
}

void add_campaign_verb(CommandTree& tree, CLI::App& group, const CommandText& text, std::string operation) {
  auto name = std::make_shared<std::string>();
  CLI::App& command = tree.add(group, text, [name, operation](Invocation& invocation) {
    return say_campaign(invocation, invocation.perform(operation, {{"campaign", *name}}));
  });
  command.add_option("CAMPAIGN", *name, "its name or id")->required();
}

void add_campaign_stop(CommandTree& tree, CLI::App& group) {
  struct Options {
    std::string name;
    Consent consent;
  };
  auto options = std::make_shared<Options>();
  CLI::App& command = tree.add(
      group,
      {.name = "stop",
       .summary = "stop a campaign for good",
       .details = "Jobs that have not begun are cancelled. Asks first; a script says --yes.",
       .examples = {"totpilot campaign stop autumn --yes"}},
      [options](Invocation& invocation) {
        options->consent.require(fmt::format("stop the campaign {}?", printable(options->name)), "nothing was stopped");
        return say_campaign(invocation, invocation.perform("campaign.stop", {{"campaign", options->name}}));
      });
  command.add_option("CAMPAIGN", options->name, "its name or id")->required();
  options->consent.add_option(command);
}

void add_campaign_list(CommandTree& tree, CLI::App& group) {
  tree.add(group,
           {.name = "list",
            .summary = "list campaigns, newest first",
            .details = {},
            .examples = {"totpilot campaign list"}},
           [](Invocation& invocation) {
             const ordered_json list = invocation.perform("campaign.list", nlohmann::json::object());
             std::vector<std::vector<std::string>> rows{{"NAME", "KIND", "STATE", "ACCOUNTS", "CREATED"}};
             for (const ordered_json& one : list.at("campaigns"))
               rows.push_back({text_at(one, "name"), text_at(one, "kind"), text_at(one, "state"), progress_of(one),
                               moment_at(one, "created")});
             Output& out = invocation.out();
             out.document(list);
             if (rows.size() == 1) out.note("there is no campaign yet; totpilot campaign plan --help");
             if (rows.size() > 1) out.table(rows);
             return 0;
           });
}

void add_campaign_result(CommandTree& tree, CLI::App& group) {
  struct Options {
    std::string name;
    OutputFile file;
  };
  auto options = std::make_shared<Options>();
  CLI::App& command =
      tree.add(group,
               {.name = "result",
                .summary = "what became of each account, as CSV",
                .details = "To standard output, or to a file; no spreadsheet takes a cell for a formula.",
                .examples = {"totpilot campaign result autumn --output autumn.csv"}},
               [options](Invocation& invocation) {
                 if (options->file.given()) options->file.require_writable();
                 const ordered_json result = invocation.perform("campaign.result", {{"campaign", options->name}});
                 Output& out = invocation.out();
                 out.document(result);
                 if (options->file.given()) {
                   options->file.write(text_at(result, "csv"));
                   out.note(fmt::format("written to {}", options->file.path()));
                 } else if (!out.json()) {
                   out.raw(text_at(result, "csv"));
                 }
                 return 0;
               });
  command.add_option("CAMPAIGN", options->name, "its name or id")->required();
  options->file.add_options(command, "--output", "write it to this file");
}

}  // namespace

void add_campaign_commands(CommandTree& tree) {
  CLI::App& group =
      tree.add_group({.name = "campaign",
                      .summary = "the same for many accounts: plan, start, show, pause, resume, stop, list, result",
                      .details = {},
                      .examples = {}});
  add_campaign_plan(tree, group);
  add_campaign_start(tree, group);
  add_campaign_verb(tree, group,
                    {.name = "show",
                     .summary = "show a campaign with its accounts",
                     .details = {},
                     .examples = {"totpilot campaign show autumn"}},
                    "campaign.show");
  add_campaign_verb(tree, group,
                    {.name = "pause",
                     .summary = "submit no more of its jobs for now",
                     .details = "What was submitted goes on.",
                     .examples = {"totpilot campaign pause autumn"}},
                    "campaign.pause");
  add_campaign_verb(tree, group,
                    {.name = "resume",
                     .summary = "go on with a paused campaign",
                     .details = {},
                     .examples = {"totpilot campaign resume autumn"}},
                    "campaign.resume");
  add_campaign_stop(tree, group);
  add_campaign_list(tree, group);
  add_campaign_result(tree, group);
}

}  // namespace totpilot::cli
