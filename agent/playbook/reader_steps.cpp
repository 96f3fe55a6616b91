// Steps, branches and watchers: one action per step, options beside it.
#include <fmt/format.h>

#include <algorithm>

#include "agent/playbook/explain.h"
#include "agent/playbook/reader.h"
#include "agent/playbook/table.h"

namespace totpilot::playbook {
namespace {

bool is_option(std::string_view key) {
  return std::ranges::any_of(step_keys(), [&](const Key<Step>& option) { return option.info.name == key; });
}

/// What other tools have and this language leaves out, or calls otherwise.
std::string hint_for_action(std::string_view name) {
  struct Other {
    std::string_view name, hint;
  };
  constexpr std::array kOthers = {
      Other{"sleep", "there is no sleep: say what to wait for with wait_for"},
      Other{"wait", "did you mean \"wait_for\"? say what shows when the page is ready"},
      Other{"pause", "there is no sleep: say what to wait for with wait_for"},
      Other{"script", "a playbook runs no script"},
      Other{"eval", "a playbook runs no script"},
      Other{"evaluate", "a playbook runs no script"},
      Other{"goto", "did you mean \"open\"?"},
      Other{"navigate", "did you mean \"open\"?"},
      Other{"visit", "did you mean \"open\"?"},
      Other{"type", "did you mean \"fill\"?"},
      Other{"input", "did you mean \"fill\"?"},
      Other{"fill_code", "did you mean \"submit_code\"?"},
      Other{"enter_code", "did you mean \"submit_code\"?"},
      Other{"login", "did you mean \"sign_in\"?"},
      Other{"extract_secret", "did you mean \"capture_secret\"?"},
      Other{"if", "did you mean \"one_of\"? for one optional step: only_if beside the action"},
      Other{"first_of", "did you mean \"one_of\"?"},
      Other{"fail", "did you mean \"stop\"?"},
      Other{"expect", "did you mean \"wait_for\"?"},
  };
  for (const Other& other : kOthers)
    if (other.name == name) return std::string(other.hint);
  std::vector<std::string_view> names;
  for (const ActionInfo& action : actions()) names.push_back(action.name);
  for (const auto& option : step_keys()) names.push_back(option.info.name);
  const std::string near = yaml::suggest(name, names);
  return near.empty() ? "the reference lists the actions: playbooks/README.md" : near;
}

}  // namespace

std::optional<Steps> Reader::steps(const yaml::Node& node) {
  if (!node.is_sequence() || node.items.empty()) {
    report(yaml::problem(
        node,
        fmt::format("steps must be a list, but {}",
                    node.is_sequence() ? "this one is empty" : fmt::format("this is {}", kind_name(node))),
        "each step begins with a dash: - click: { text: Save }"));
    return std::nullopt;
  }
  Steps result;
  for (const yaml::Node& item : node.items)
    if (auto one = step(item)) result.push_back(*std::move(one));
  return result;
}

std::optional<Step> Reader::step(const yaml::Node& node) {
  if (node.is_scalar()) {
    report(
        yaml::problem(node, "a step must be an action with its values",
                      find_action(node.text) ? fmt::format("write {}: {{}}", node.text) : hint_for_action(node.text)));
    return std::nullopt;
  }
  if (!is_map(node, "a step")) return std::nullopt;
  Step result;
  result.at = node.at;
  const yaml::Entry* action = nullptr;
  bool unknown = false;
  for (const yaml::Entry& entry : node.entries) {
    if (find_action(entry.key)) {
      if (action) {
        report({.at = entry.at,
                .message = fmt::format("a step has one action, but here are both {} and {}", action->key, entry.key),
                .suggestion = "begin a new step with a dash",
                .rule = "two-actions"});
      } else {
        action = &entry;
      }
    } else if (is_option(entry.key)) {
      const auto option = std::ranges::find(step_keys(), entry.key, [](const Key<Step>& key) { return key.info.name; });
      option->read(result, entry.value, *this);
    } else {
      unknown = true;
      report({.at = entry.at,
              .message = fmt::format("there is no action \"{}\"", entry.key.substr(0, 60)),
              .suggestion = hint_for_action(entry.key),
              .rule = "unknown-key"});
    }
  }
  if (!action) {
    if (!unknown) report(yaml::problem(node, "this step has no action", {}, "missing-key"));
    return std::nullopt;
  }
  result.at = action->at;
  auto read = find_action(action->key)->read(action->value, *this);
  if (!read) return std::nullopt;
  result.action = *std::move(read);
  if (result.name.empty()) result.name = explain(result);
  return result;
}

std::optional<std::vector<Branch>> Reader::branches(const yaml::Node& node) {
  if (!node.is_sequence() || node.items.size() < 2) {
    report(yaml::problem(
        node, "one_of must be a list of at least two branches",
        "as in - { when: { css: \"#code\" } } and - { when: { css: \"#locked\" }, outcome: locked_out }"));
    return std::nullopt;
  }
  std::vector<Branch> result;
  for (const yaml::Node& item : node.items) {
    Branch branch;
    branch.at = item.at;
    const std::size_t before = diagnostics_.size();
    read_record(item, branch_keys(), "a branch", branch, *this);
    if (branch.outcome && !branch.steps.empty())
      report(yaml::problem(item, "a branch ends with an outcome or goes on with steps, not both",
                           "end the steps with stop", "misplaced-key"));
    if (!branch.message.empty() && !branch.outcome && diagnostics_.size() == before)
      report(yaml::problem(item, "a message goes with an outcome", "add the outcome, or leave the message out",
                           "misplaced-key"));
    if (branch.name.empty() && diagnostics_.size() == before) branch.name = explain(branch.when);
    result.push_back(std::move(branch));
  }
  return result;
}

std::optional<std::vector<Watcher>> Reader::watchers(const yaml::Node& node) {
  if (!node.is_sequence() || node.items.empty()) {
    report(yaml::problem(node, "watchers must be a list", "as in - { when: { css: \"#cookies\" }, steps: [...] }"));
    return std::nullopt;
  }
  std::vector<Watcher> result;
  for (const yaml::Node& item : node.items) {
    Watcher watcher;
    watcher.at = item.at;
    const std::size_t before = diagnostics_.size();
    read_record(item, watcher_keys(), "a watcher", watcher, *this);
    if (watcher.name.empty() && diagnostics_.size() == before) watcher.name = explain(watcher.when);
    result.push_back(std::move(watcher));
  }
  return result;
}

}  // namespace totpilot::playbook
