#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/help_topics.h"

namespace totpilot::cli {
namespace {

/// The command that the words name; nothing when one of them is not there.
const CLI::App* find_command(const CLI::App& root, const std::vector<std::string>& words) {
  const CLI::App* at = &root;
  for (const std::string& word : words) {
    const auto children = at->get_subcommands([&](const CLI::App* one) { return one->get_name() == word; });
    if (children.empty()) return nullptr;
    at = children.front();
  }
  return at;
}

std::string help_for(const CLI::App& root, const std::vector<std::string>& topic) {
  if (topic == std::vector<std::string>{"exit-codes"}) return exit_codes_text();
  if (topic == std::vector<std::string>{"reference"}) return reference_text(root);
  const CLI::App* command = find_command(root, topic);
  if (command == nullptr)
    throw Failure(Outcome::kNotFound, fmt::format("there is no help on {}", fmt::join(topic, " ")),
                  "a command, exit-codes, or reference; totpilot --help lists the commands");
  // Not root.help(): it would show the command that was parsed, which is this one.
  if (command == &root) return root.get_formatter()->make_help(&root, "totpilot", CLI::AppFormatMode::Normal);
  const std::string above = "totpilot " + path_of(*command->get_parent());
  return command->help(above.ends_with(' ') ? above.substr(0, above.size() - 1) : above);
}

}  // namespace

void add_help_command(CommandTree& tree) {
  auto topic = std::make_shared<std::vector<std::string>>();
  CLI::App& command =
      tree.add({.name = "help",
                .summary = "help on a command, on exit-codes, or the whole reference",
                .details = {},
                .examples = {"totpilot help account add", "totpilot help exit-codes", "totpilot help reference"}},
               [topic, &root = tree.root()](Invocation& invocation) {
                 const std::string text = help_for(root, *topic);
                 invocation.out().document({{"text", text}});
                 if (!invocation.out().json()) invocation.out().raw(text);
                 return 0;
               });
  command.add_option("TOPIC", *topic, "the words of a command, exit-codes, or reference")->type_name("");
}

}  // namespace totpilot::cli
