#pragma once
// Lint: mistakes that the grammar allows. One rule per file in rules/, each with a bad and a good example that run as
// tests and stand in the reference. Rules find mistakes, not taste. Pure.
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/playbook/ast.h"
#include "agent/yaml/diagnostic.h"
#include "agent/yaml/node.h"

namespace totpilot::playbook {

/// What a rule looks at: the tree, and the text's nodes for exact places.
class Subject {
 public:
  Subject(const Playbook& playbook, const yaml::Node& root) : playbook_(playbook), root_(root) {}

  const Playbook& playbook() const { return playbook_; }
  const yaml::Node& root() const { return root_; }
  /// The place of a value below the root, or of the last of `keys` that is there: place({"mfa", "enabled"}).
  SourcePosition place(std::initializer_list<std::string_view> keys) const;
  /// The place of a key inside the action of a step; the step's own where it has no such key.
  SourcePosition place(const Step& step, std::string_view key) const;

 private:
  const Playbook& playbook_;
  const yaml::Node& root_;
};

struct Finding {
  SourcePosition at;
  std::string message;
  std::string suggestion;
};
using Findings = std::vector<Finding>;

/// What a rule can say about a playbook that has errors already: those that miss something may miss it because of the
/// error.
enum class Completeness { kPart, kWhole };

struct Rule {
  std::string_view id;       // "turns-on-at-exists"
  std::string_view summary;  // what holds in a good playbook
  std::string_view why;
  // Top level sections that replace those of the example playbook (lint.cpp).
  std::string_view bad;
  std::string_view good;
  Findings (*check)(const Subject&);
  Completeness needs = Completeness::kWhole;
  yaml::Severity severity = yaml::Severity::kError;
};

/// In the order of the reference. A new rule: a file in rules/, its declaration in rules/rules.h, a row in
/// rules/all.cpp.
std::span<const Rule* const> all_rules();

std::vector<yaml::Diagnostic> lint(const Playbook& playbook, const yaml::Node& root, Completeness completeness);

/// A rule's example as a whole playbook.
std::string complete_example(std::string_view sections);

// For rules:

struct NamedFlow {
  std::string_view name;
  const Flow* flow;
};
/// The flows there are, in order.
std::vector<NamedFlow> flows(const Playbook& playbook);

/// Every step, also those inside branches and watchers, depth first.
void each_step(const Steps& steps, const std::function<void(const Step&)>& visit);
void each_step(const Playbook& playbook, const std::function<void(const Step&)>& visit);
/// Every list of steps: of flows, branches, watchers, mfa.reach.
void each_list(const Playbook& playbook, const std::function<void(const Steps&)>& visit);
/// Every entry of the text below `root`, but for word lists and versions, whose keys are free.
void each_entry(const yaml::Node& root, const std::function<void(const yaml::Entry&)>& visit);

template <class T>
bool is(const Step& step) {
  return std::holds_alternative<T>(step.action);
}
/// Is there such a step, at any depth?
template <class T>
bool has(const Steps& steps) {
  bool found = false;
  each_step(steps, [&](const Step& step) { found = found || is<T>(step); });
  return found;
}

}  // namespace totpilot::playbook
