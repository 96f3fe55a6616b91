#include "agent/cli/formatter.h"

namespace totpilot::cli {
namespace {

constexpr std::size_t kColumn = 34;

}  // namespace

HelpFormatter::HelpFormatter() {
  column_width(kColumn);
  label("TEXT", "");
  label("REQUIRED", "(required)");
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  // Not what excludes or needs what: the failure says so when it matters.
  std::string text;
  const bool flag = option->get_items_expected_max() == 0;
  if (!flag && !option->get_positional() && !option->get_type_name().empty()) text += " " + option->get_type_name();
  if (option->get_required() && !option->get_positional()) text += " (required)";
  return text;
}

std::string HelpFormatter::make_footer(const CLI::App* command) const {
  std::string text = command->get_footer();
  if (command->get_parent() != nullptr)
    text += "\nOptions of every command (--json, --state, --playbook, --timeout, --quiet, ...): totpilot --help\n";
  return text;
}

}  // namespace totpilot::cli
