#include "agent/playbook/rules/rules.h"

#include <map>

namespace totpilot::playbook::rules {
namespace {

Findings unreachable_branch(const Subject& subject) {
  Findings result;
  each_step(subject.playbook(), [&](const Step& step) {
    const auto* choice = std::get_if<OneOf>(&step.action);
    if (!choice) return;
    std::map<std::string, int> seen;
    for (const Branch& branch : choice->branches) {
      const auto [earlier, first] = seen.emplace(to_string(branch.when), branch.at.line);
      if (!first)
        result.push_back(
            {branch.at,
             fmt::format("this branch is never taken: the one in line {} waits for the same", earlier->second),
             {}});
    }
  });
  return result;
}

}  // namespace

constinit const Rule kUnreachableBranch = {
    .id = "unreachable-branch",
    .summary = "each branch waits for something of its own",
    .why = "The first branch whose condition holds is taken.",
    .bad = R"(flows:
  login:
    - sign_in: {}
    - one_of:
        - { when: { css: "#home" } }
        - { when: { css: "#home" }, outcome: captcha }
)",
    .good = R"(flows:
  login:
    - sign_in: {}
    - one_of:
        - { when: { css: "#home" } }
        - { when: { css: "#captcha" }, outcome: captcha }
)",
    .check = unreachable_branch,
    .needs = Completeness::kPart,
};

}  // namespace totpilot::playbook::rules
