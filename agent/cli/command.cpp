#include "agent/cli/command.h"

#include <CLI/CLI.hpp>

namespace totpilot::cli {
namespace {

std::string footer_of(const CommandText& text) {
  std::string footer;
  if (!text.details.empty()) footer += "\n" + text.details + "\n";
  if (!text.examples.empty()) {
    footer += "\nExamples:\n";
    for (const std::string& example : text.examples) footer += "  " + example + "\n";
  }
  return footer;
}

CLI::App& make(CLI::App& parent, const CommandText& text) {
  CLI::App& command = *parent.add_subcommand(text.name, text.summary);
  command.footer(footer_of(text));
  command.fallthrough();
  return command;
}

}  // namespace

CLI::App& CommandTree::add_group(const CommandText& text) {
  CLI::App& group = make(root_, text);
  group.require_subcommand(1);
  return group;
}

CLI::App& CommandTree::add(CLI::App& parent, const CommandText& text, Action action) {
  CLI::App& command = make(parent, text);
  command.callback([this, &command, action = std::move(action)] {
    chosen_ = action;
    chosen_name_ = path_of(command);
  });
  return command;
}

std::string path_of(const CLI::App& command) {
  if (command.get_parent() == nullptr) return "";
  const std::string above = path_of(*command.get_parent());
  return above.empty() ? command.get_name() : above + " " + command.get_name();
}

}  // namespace totpilot::cli
