#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/json_view.h"
#include "agent/cli/view.h"

namespace totpilot::cli {
namespace {

using nlohmann::ordered_json;

struct ListOptions {
  std::string account;
  std::string state;
  std::string kind;
  int limit = 50;
};

int list_jobs(Invocation& invocation, const ListOptions& options) {
  nlohmann::json arguments{{"limit", options.limit}};
  for (const auto& [name, value] :
       {std::pair("account", &options.account), std::pair("state", &options.state), std::pair("kind", &options.kind)})
    if (!value->empty()) arguments[name] = *value;
  const ordered_json list = invocation.perform("job.list", std::move(arguments));
  std::vector<std::vector<std::string>> rows{{"JOB", "ACCOUNT", "KIND", "STATE", "OUTCOME", "CREATED", "BY"}};
  for (const ordered_json& job : list.at("jobs"))
    rows.push_back({text_at(job, "job"), text_at(job, "account"), text_at(job, "kind"), text_at(job, "state"),
                    or_dash(text_at(job, "outcome")), moment_at(job, "created"),
                    printable(text_at(job, "requested_by"))});
  Output& out = invocation.out();
  out.document(list);
  if (rows.size() == 1) out.note("no job is kept");
  if (rows.size() > 1) out.table(rows);
  return 0;
}

int show_job(Invocation& invocation, const ordered_json& job) {
  Output& out = invocation.out();
  out.document(job);
  out.line(fmt::format("{} of {}: {}", text_at(job, "kind"), text_at(job, "account"), text_at(job, "state")));
  std::vector<std::pair<std::string, std::string>> fields{{"job", text_at(job, "job")},
                                                          {"outcome", text_at(job, "outcome")},
                                                          {"message", printable(text_at(job, "message"))},
                                                          {"next", printable(text_at(job, "hint"))},
                                                          {"requested by", printable(text_at(job, "requested_by"))},
                                                          {"created", moment_at(job, "created")},
                                                          {"ended", moment_at(job, "ended")},
                                                          {"report", text_at(job, "report")}};
  if (const auto question = job.find("question"); question != job.end() && question->is_object())
    fields.emplace_back("asks for",
                        fmt::format("{}, until {}: totpilot job answer {}", printable(text_at(*question, "what")),
                                    moment_at(*question, "until"), text_at(job, "job")));
  show_fields(out, fields);
  return 0;
}

void add_job_command(CommandTree& tree, CLI::App& group, const CommandText& text, std::string operation) {
  auto job = std::make_shared<std::string>();
  CLI::App& command = tree.add(group, text, [job, operation](Invocation& invocation) {
    return show_job(invocation, invocation.perform(operation, {{"job", *job}}));
  });
  command.add_option("JOB", *job, "its id")->required();
}

struct AnswerOptions {
  std::string job;
  SecretSource value{"value"};
};

int answer_job(Invocation& invocation, const AnswerOptions& options) {
  const Secret value = options.value.read_or_ask("the value that the job asks for");
  return show_job(invocation,
                  invocation.perform("job.answer", {{"job", options.job}, {"value", std::string(value.reveal())}}));
}

}  // namespace

void add_job_commands(CommandTree& tree) {
  CLI::App& group = tree.add_group({.name = "job",
                                    .summary = "runs that were asked for: list, show, cancel, retry, answer",
                                    .details = {},
                                    .examples = {}});
  auto options = std::make_shared<ListOptions>();
  CLI::App& list =
      tree.add(group,
               {.name = "list",
                .summary = "list jobs, newest first",
                .details = {},
                .examples = {"totpilot job list --state needs_input", "totpilot job list --account work --json"}},
               [options](Invocation& invocation) { return list_jobs(invocation, *options); });
  list.add_option("--account", options->account, "of this account only")->type_name("ACCOUNT");
  list.add_option("--state", options->state, "queued, running, needs_input, done, failed or cancelled")
      ->type_name("STATE");
  list.add_option("--kind", options->kind, "check, disable, enroll, login, recover or recovery_codes")
      ->type_name("KIND");
  list.add_option("--limit", options->limit, "how many at most, up to 500; default 50")->type_name("N");
  add_job_command(tree, group,
                  {.name = "show", .summary = "show a job", .details = {}, .examples = {"totpilot job show JOB"}},
                  "job.show");
  add_job_command(tree, group,
                  {.name = "cancel",
                   .summary = "cancel a job, where that is safe",
                   .details = "A run that may have changed MFA already is not cut in two: it ends first.",
                   .examples = {"totpilot job cancel JOB"}},
                  "job.cancel");
  add_job_command(tree, group,
                  {.name = "retry",
                   .summary = "run an ended job again, where that is safe",
                   .details = "What may have changed MFA is never run again from its start: enroll settles it first.",
                   .examples = {"totpilot job retry JOB"}},
                  "job.retry");
  auto answer = std::make_shared<AnswerOptions>();
  CLI::App& give =
      tree.add(group,
               {.name = "answer",
                .summary = "give a job the value that it waits for",
                .details = "An e-mailed code, say. Without an option it is asked for on the terminal.",
                .examples = {"totpilot job answer JOB", "fetch-code | totpilot job answer JOB --value-stdin"}},
               [answer](Invocation& invocation) { return answer_job(invocation, *answer); });
  give.add_option("JOB", answer->job, "its id")->required();
  answer->value.add_options(give);
}

}  // namespace totpilot::cli
