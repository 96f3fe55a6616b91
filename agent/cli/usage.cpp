#include "agent/cli/usage.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>

#include "agent/cli/command.h"
#include "agent/yaml/diagnostic.h"

namespace totpilot::cli {
namespace {

constexpr std::size_t kLongestCommand = 20;

/// The innermost command that the arguments reached.
const CLI::App* reached(const CLI::App& root) {
  const CLI::App* at = &root;
  for (auto below = at->get_subcommands(); !below.empty(); below = at->get_subcommands()) at = below.front();
  return at;
}

std::string call_of(const CLI::App& command, std::string_view more) {
  const std::string path = path_of(command);
  return fmt::format("totpilot {}{}{}", path, path.empty() ? "" : " ", more);
}

std::vector<std::string> children_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* child : command.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(child->get_name());
  return names;
}

std::optional<std::string> nearest_of(const std::string& word, const std::vector<std::string>& names) {
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const auto near = yaml::nearest(word, candidates);
  if (!near) return std::nullopt;
  return std::string(*near);
}

/// Could it be meant as a command, so that it may be repeated?
bool looks_like_command(std::string_view word) {
  return word.size() <= kLongestCommand &&
         std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

Failure unknown_command(const CLI::App& group, const std::string& word) {
  const std::string path = path_of(group);
  const std::string message = looks_like_command(word)
                                  ? fmt::format("there is no command {}{}{}", path, path.empty() ? "" : " ", word)
                                  : "there is no such command";
  if (const auto near = nearest_of(word, children_of(group)))
    return Failure(
        Outcome::kUsage, message,
        fmt::format("did you mean {}{}{}? See {}", path, path.empty() ? "" : " ", *near, call_of(group, "--help")));
  return Failure(Outcome::kUsage, message, fmt::format("{} lists the commands", call_of(group, "--help")));
}

std::vector<std::string> long_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames())
      if (name != "help" && name != "version") names.push_back("--" + name);
  return names;
}

Failure unknown_option(const CLI::App& root, const CLI::App& command, const std::string& word) {
  const std::string name = word.starts_with("--") ? word.substr(0, word.find('=')) : word.substr(0, 2);
  std::vector<std::string> known = long_names(command);
  for (std::string& global : long_names(root)) known.push_back(std::move(global));
  const auto near = nearest_of(name, known);
  return Failure(
      Outcome::kUsage, fmt::format("there is no option {} here", name),
      near ? fmt::format("did you mean {}?", *near) : fmt::format("{} lists them", call_of(command, "--help")));
}

/// "totpilot account add NAME --url URL --username NAME": the shortest call that is whole.
std::string needed_by(const CLI::App& command) {
  std::string call = call_of(command, "");
  while (call.ends_with(' ')) call.pop_back();
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_required()) continue;
    call += option->get_positional() ? " " + option->get_name()
                                     : fmt::format(" {} {}", option->get_name(), option->get_type_name());
  }
  return call;
}

/// The parser's words in the manner of ours: lower case (but for names such as ACCOUNT), without a full stop.
std::string tidied(std::string message) {
  while (message.ends_with('.') || message.ends_with('\n')) message.pop_back();
  const bool is_name = message.size() > 1 && std::isupper(static_cast<unsigned char>(message[1])) != 0;
  if (!message.empty() && !is_name)
    message.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(message.front())));
  return message;
}

std::optional<std::string> first_left_over(const CLI::App& root, bool option) {
  for (const std::string& word : root.remaining(true))
    if (word != "--" && word.starts_with('-') == option) return word;
  return std::nullopt;
}

}  // namespace

Failure usage_failure(const CLI::App& root, const CLI::ParseError& error) {
  const CLI::App& at = *reached(root);
  const bool left_over = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  const bool missing = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  if (!left_over && !missing) return Failure(Outcome::kUsage, tidied(error.what()), call_of(at, "--help"));
  const auto children = children_of(at);
  const auto word = first_left_over(root, false);
  if (!children.empty() && word) return unknown_command(at, *word);
  if (const auto option = first_left_over(root, true)) return unknown_option(root, at, *option);
  if (!children.empty() && missing)
    return Failure(Outcome::kUsage, fmt::format("totpilot {} needs a command", path_of(at)),
                   fmt::format("one of {}", fmt::join(children, ", ")));
  const std::string call = fmt::format("{}; see {}", needed_by(at), call_of(at, "--help"));
  return Failure(Outcome::kUsage, missing ? tidied(error.what()) : "there is an argument too many", call);
}

std::string options_of(const CLI::App& command) { return fmt::format("{}", fmt::join(long_names(command), ", ")); }

std::size_t options_given(const CLI::App& command) {
  return static_cast<std::size_t>(std::ranges::count_if(command.get_options(), [](const CLI::Option* option) {
    return !option->get_positional() && option->count() > 0;
  }));
}

}  // namespace totpilot::cli
