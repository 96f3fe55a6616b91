#include "agent/cli/help_topics.h"

#include <CLI/CLI.hpp>

#include "agent/base/outcome.h"
#include "agent/cli/command.h"

namespace totpilot::cli {
namespace {

struct ExitMeaning {
  int status;
  std::string_view meaning;
};

constexpr std::array kExitMeanings = {
    ExitMeaning{0, "it is done, or there was nothing to do (enroll, where MFA is on with the secret kept here)"},
    ExitMeaning{1, "our own fault: the disk, the database, or a bug"},
    ExitMeaning{2, "the call was wrong: a flag, a value, a playbook"},
    ExitMeaning{3, "what was named is not there, or is there already"},
    ExitMeaning{4, "a person must act or decide"},
    ExitMeaning{5, "the app refused, or is not what the playbook says"},
    ExitMeaning{6, "the way to the app failed; later may help"},
    ExitMeaning{7, "the vault is closed, missing, or held by another process"},
    ExitMeaning{8, "it is not known whether MFA is on: totpilot recover"},
    ExitMeaning{9, "who asks may not do this, or has to prove who they are first"},
};

std::string option_line(const CLI::Option& option) {
  const bool positional = option.get_positional();
  const bool takes_value = !positional && option.get_items_expected_max() > 0 && !option.get_type_name().empty();
  return fmt::format("| `{}{}` | {}{} |\n", option.get_name(positional, !positional),
                     takes_value ? " " + option.get_type_name() : "", option.get_description(),
                     option.get_required() ? " (required)" : "");
}

void append_options(std::string& text, const CLI::App& command, bool positional) {
  std::string lines;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional() != positional || option->get_name(false, true).contains("--help")) continue;
    lines += option_line(*option);
  }
  if (!lines.empty()) text += fmt::format("\n| {} | |\n|---|---|\n{}", positional ? "argument" : "option", lines);
}

void append_command(std::string& text, const CLI::App& command) {
  const auto children = command.get_subcommands([](const CLI::App*) { return true; });
  if (children.empty()) {
    text += fmt::format("\n## totpilot {}\n\n{}\n", path_of(command), command.get_description());
    append_options(text, command, true);
    append_options(text, command, false);
    if (!command.get_footer().empty()) text += fmt::format("\n```\n{}```\n", command.get_footer().substr(1));
  }
  for (const CLI::App* child : children) append_command(text, *child);
}

}  // namespace

std::string exit_codes_text() {
  std::string text =
      "# Exit statuses and outcome codes\n\n"
      "A command exits with the status of its outcome. With `--json` the outcome's name is in the document on standard "
      "output, which is there whether the\n"
      "command succeeded or not: `{\"outcome\": \"ok\", ...}` or\n"
      "`{\"outcome\": \"bad_credentials\", \"message\": ..., \"hint\": ..., \"position\": ..., \"retry\": ..., "
      "\"exit_code\": 5}`.\n\n"
      "| status | meaning |\n|---|---|\n";
  for (const auto& one : kExitMeanings) text += fmt::format("| {} | {} |\n", one.status, one.meaning);
  text +=
      "\nRetry: `never`; `later` (the same may succeed without anybody changing anything); `after_change`.\n\n"
      "| outcome | status | retry | meaning | next step |\n|---|---|---|---|---|\n";
  for (const OutcomeInfo& one : all_outcomes())
    text += fmt::format("| `{}` | {} | {} | {} | {} |\n", one.name, one.exit_code, retry_class_name(one.retry),
                        one.meaning, one.next_step);
  return text;
}

std::string reference_text(const CLI::App& root) {
  std::string text =
      "# The command line\n\n"
      "Made from the program's own help; `totpilot COMMAND --help` says the same. Results go to standard output, "
      "progress, notes and warnings to standard\n"
      "error. With `--json` standard output holds exactly one JSON document, also when the command fails; see "
      "[exit-codes.md](exit-codes.md).\n"
      "What takes something away (`account remove`, `disable`, `factor discard`, `factor retire`) asks on the terminal "
      "first; where there is none it needs\n"
      "`--yes`, and ends with `needs_input` without it. Passwords and passphrases are never arguments. Colour only on "
      "a terminal, and never with `NO_COLOR`.\n\n"
      "## Options of every command\n";
  append_options(text, root, false);
  for (const CLI::App* command : root.get_subcommands([](const CLI::App*) { return true; }))
    append_command(text, *command);
  return text;
}

}  // namespace totpilot::cli
