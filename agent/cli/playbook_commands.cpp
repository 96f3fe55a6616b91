#include <CLI/CLI.hpp>

#include "agent/base/counted.h"
#include "agent/cli/command.h"
#include "agent/cli/json_view.h"
#include "agent/cli/list_view.h"
#include "agent/cli/view.h"
#include "agent/services/playbooks.h"

namespace totpilot::cli {
namespace {

int run_lint(Invocation& invocation, const std::vector<std::string>& files) {
  Output& out = invocation.out();
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  int errors = 0;
  int warnings = 0;
  for (const std::string& file : files) {
    const services::LintedFile linted = services::lint_playbook(file);
    errors += linted.errors;
    warnings += linted.warnings;
    list.push_back(services::to_json(linted));
    if (!linted.rendered.empty()) out.line(linted.rendered);
  }
  const Outcome outcome = errors > 0 ? Outcome::kPlaybookInvalid : Outcome::kOk;
  out.document(
      {{"outcome", outcome_name(outcome)}, {"errors", errors}, {"warnings", warnings}, {"files", std::move(list)}});
  out.note(fmt::format("{} in {}: {}, {}", errors + warnings > 0 ? "found" : "nothing wrong",
                       counted(files.size(), "file"), counted(static_cast<std::size_t>(errors), "error"),
                       counted(static_cast<std::size_t>(warnings), "warning")));
  return outcome_info(outcome).exit_code;
}

void add_lint(CommandTree& tree, CLI::App& group) {
  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App& command =
      tree.add(group,
               {.name = "lint",
                .summary = "say all that is wrong with playbooks, at once",
                .details = "Each finding with its line, a caret and a suggestion. Exit status 2 when there is an "
                           "error; warnings alone are 0.",
                .examples = {"totpilot playbook lint myapp.yaml", "totpilot playbook lint --json *.yaml"}},
               [files](Invocation& invocation) { return run_lint(invocation, *files); });
  command.add_option("FILE", *files, "playbooks")->required();
}

void add_explain(CommandTree& tree, CLI::App& group) {
  auto playbook = std::make_shared<std::string>();
  CLI::App& command = tree.add(
      group,
      {.name = "explain",
       .summary = "tell a playbook in plain English, before you let it run",
       .details = {},
       .examples = {"totpilot playbook explain redmine", "totpilot playbook explain ./myapp.yaml"}},
      [playbook](Invocation& invocation) {
        // A file is one of this machine's, for whoever runs the command.
        const std::string text = services::names_a_file(*playbook)
                                     ? services::explain_playbook(invocation.config().config, *playbook)
                                     : text_at(invocation.perform("playbook.explain", {{"app", *playbook}}), "text");
        invocation.out().document({{"playbook", *playbook}, {"text", text}});
        if (!invocation.out().json()) invocation.out().raw(text);
        return 0;
      });
  command.add_option("PLAYBOOK", *playbook, "a file, or an app's name")->required();
}

std::vector<std::string> playbook_row(const nlohmann::ordered_json& one) {
  const auto errors = static_cast<std::size_t>(number_at(one, "errors"));
  const std::string file = text_at(one, "file");
  return {text_at(one, "app"), printable(text_at(one, "title")), joined(texts_at(one, "tested"), ", "),
          errors > 0 ? fmt::format("{} ({})", file, counted(errors, "error")) : file};
}

void add_playbook_list(CommandTree& tree, CLI::App& group) {
  tree.add(group,
           {.name = "list",
            .summary = "list the playbooks that can be used, in search order",
            .details = {},
            .examples = {}},
           [](Invocation& invocation) {
             show_list(invocation.out(), invocation.perform("playbook.list"), "playbooks",
                       {"APP", "TITLE", "TESTED", "FILE"}, playbook_row,
                       "no playbook was found; see config key playbook_directories");
             return 0;
           });
}

void add_text(CommandTree& tree, CLI::App& group, const CommandText& text, std::string (*service)()) {
  tree.add(group, text, [service](Invocation& invocation) {
    // It is a document by itself, with --json or without.
    invocation.out().raw(service());
    return 0;
  });
}

}  // namespace

void add_playbook_commands(CommandTree& tree) {
  CLI::App& group = tree.add_group({.name = "playbook",
                                    .summary = "what an app's pages are like: lint, explain, list, schema",
                                    .details = {},
                                    .examples = {}});
  add_lint(tree, group);
  add_explain(tree, group);
  add_playbook_list(tree, group);
  add_text(tree, group,
           {.name = "schema",
            .summary = "print the JSON Schema of playbooks, for editors",
            .details = {},
            .examples = {"totpilot playbook schema > playbook.schema.json"}},
           &services::playbook_schema);
}

}  // namespace totpilot::cli
