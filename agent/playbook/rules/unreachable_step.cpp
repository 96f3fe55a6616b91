#include "agent/playbook/rules/rules.h"

#include <algorithm>

namespace totpilot::playbook::rules {
namespace {

/// Does the flow always end here?
bool ends(const Step& step) {
  if (step.only_if) return false;
  if (is<Stop>(step)) return true;
  const auto* choice = std::get_if<OneOf>(&step.action);
  if (!choice || choice->branches.empty()) return false;
  return std::ranges::all_of(choice->branches, [](const Branch& branch) {
    return branch.outcome.has_value() || (!branch.steps.empty() && ends(branch.steps.back()));
  });
}

Findings unreachable_step(const Subject& subject) {
  Findings result;
  each_list(subject.playbook(), [&](const Steps& steps) {
    for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
      if (!ends(steps[i])) continue;
      result.push_back({steps[i + 1].at,
                        fmt::format("this step is never reached: the flow always ends in line {}", steps[i].at.line),
                        {}});
      break;
    }
  });
  return result;
}

}  // namespace

constinit const Rule kUnreachableStep = {
    .id = "unreachable-step",
    .summary = "no step stands behind the end of the flow",
    .why = "What is written there was meant to run.",
    .bad = R"(flows:
  login:
    - stop: { message: not yet }
    - sign_in: {}
)",
    .good = R"(flows:
  login:
    - sign_in: {}
    - stop: { message: the app wants a phone number }
      only_if: { label: Phone number }
)",
    .check = unreachable_step,
};

}  // namespace totpilot::playbook::rules
