#include "agent/playbook/lint.h"

#include <algorithm>
#include <map>

namespace totpilot::playbook {
namespace {

constexpr std::string_view kExample =
    R"(playbook: 1
app: example
facts: { recovery_codes: none }
session: { open: /home, in: { css: "#home" }, out: { url: "/login" } }
mfa: { open: /settings, disabled: { text: MFA is off }, enabled: { text: MFA is active } }
flows:
  login:
    - sign_in: { open: /login }
  enroll:
    - click: { role: button, name: Enable }
    - capture_secret: {}
    - submit_code: {}
)";

/// The texts of a playbook's top level sections by key, in order.
std::vector<std::pair<std::string, std::string>> sections_of(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    if (line[0] != ' ' && line[0] != '\n' && line.find(':') != std::string_view::npos)
      result.emplace_back(line.substr(0, line.find(':')), "");
    if (!result.empty()) result.back().second += line;
    text.remove_prefix(end);
  }
  return result;
}

const yaml::Entry* entry_at(const yaml::Node& node, const SourcePosition& at) {
  for (const yaml::Entry& entry : node.entries) {
    if (entry.at == at) return &entry;
    if (const yaml::Entry* found = entry_at(entry.value, at)) return found;
  }
  for (const yaml::Node& item : node.items)
    if (const yaml::Entry* found = entry_at(item, at)) return found;
  return nullptr;
}

void each_list(const Steps& steps, const std::function<void(const Steps&)>& visit) {
  visit(steps);
  for (const Step& step : steps)
    if (const auto* choice = std::get_if<OneOf>(&step.action))
      for (const Branch& branch : choice->branches)
        if (!branch.steps.empty()) each_list(branch.steps, visit);
}

void each_entry_below(const yaml::Node& node, const std::function<void(const yaml::Entry&)>& visit) {
  for (const yaml::Entry& entry : node.entries) {
    visit(entry);
    each_entry_below(entry.value, visit);
  }
  for (const yaml::Node& item : node.items) each_entry_below(item, visit);
}

}  // namespace

SourcePosition Subject::place(std::initializer_list<std::string_view> keys) const {
  const yaml::Node* node = &root_;
  SourcePosition at = root_.at;
  for (const std::string_view key : keys) {
    const yaml::Entry* entry = node->find(key);
    if (!entry) break;
    node = &entry->value;
    at = key == *(keys.end() - 1) ? entry->value.at : entry->at;
  }
  return at;
}

SourcePosition Subject::place(const Step& step, std::string_view key) const {
  const yaml::Entry* action = entry_at(root_, step.at);
  const yaml::Entry* inner = action ? action->value.find(key) : nullptr;
  return inner ? inner->value.at : step.at;
}

std::vector<NamedFlow> flows(const Playbook& playbook) {
  std::vector<NamedFlow> result = {{"login", &playbook.login}};
  if (playbook.enroll) result.push_back({"enroll", &*playbook.enroll});
  if (playbook.disable) result.push_back({"disable", &*playbook.disable});
  if (playbook.recovery_codes) result.push_back({"recovery_codes", &*playbook.recovery_codes});
  if (playbook.rotate_password) result.push_back({"rotate_password", &*playbook.rotate_password});
  return result;
}

void each_step(const Steps& steps, const std::function<void(const Step&)>& visit) {
  for (const Step& step : steps) {
    visit(step);
    if (const auto* choice = std::get_if<OneOf>(&step.action))
      for (const Branch& branch : choice->branches) each_step(branch.steps, visit);
  }
}

void each_step(const Playbook& playbook, const std::function<void(const Step&)>& visit) {
  for (const NamedFlow& one : flows(playbook)) each_step(one.flow->steps, visit);
  each_step(playbook.mfa.reach, visit);
  for (const Watcher& watcher : playbook.watchers) each_step(watcher.steps, visit);
}

void each_list(const Playbook& playbook, const std::function<void(const Steps&)>& visit) {
  for (const NamedFlow& one : flows(playbook)) each_list(one.flow->steps, visit);
  each_list(playbook.mfa.reach, visit);
  for (const Watcher& watcher : playbook.watchers) each_list(watcher.steps, visit);
}

void each_entry(const yaml::Node& root, const std::function<void(const yaml::Entry&)>& visit) {
  for (const yaml::Entry& entry : root.entries) {
    if (entry.key == "texts" || entry.key == "tested") continue;
    visit(entry);
    each_entry_below(entry.value, visit);
  }
}

std::vector<yaml::Diagnostic> lint(const Playbook& playbook, const yaml::Node& root, Completeness completeness) {
  const Subject subject(playbook, root);
  std::vector<yaml::Diagnostic> result;
  for (const Rule* rule : all_rules()) {
    if (rule->needs == Completeness::kWhole && completeness == Completeness::kPart) continue;
    for (Finding& finding : rule->check(subject))
      result.push_back({.at = std::move(finding.at),
                        .severity = rule->severity,
                        .message = std::move(finding.message),
                        .suggestion = std::move(finding.suggestion),
                        .rule = std::string(rule->id)});
  }
  return result;
}

std::string complete_example(std::string_view sections) {
  auto whole = sections_of(kExample);
  for (auto& [key, text] : sections_of(sections)) {
    const auto old = std::ranges::find(whole, key, &std::pair<std::string, std::string>::first);
    if (old == whole.end()) {
      whole.emplace_back(key, text);
    } else {
      old->second = text;
    }
  }
  std::string result;
  for (const auto& [key, text] : whole) result += text;
  return result;
}

}  // namespace totpilot::playbook
