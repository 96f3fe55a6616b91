#include "agent/playbook/rules/rules.h"

namespace totpilot::playbook::rules {
namespace {

bool only_hides(const Condition& condition) { return condition.hides && !condition.shows && !condition.url; }

Findings hides_alone(const Subject& subject) {
  Findings result;
  const auto refuse = [&](const SourcePosition& at, std::string_view what) {
    result.push_back({at, fmt::format("{} holds on every page that lacks this, also on an empty one", what),
                      "say what shows instead"});
  };
  for (const Watcher& watcher : subject.playbook().watchers)
    if (only_hides(watcher.when)) refuse(watcher.at, "this watcher's condition");
  each_step(subject.playbook(), [&](const Step& step) {
    if (const auto* choice = std::get_if<OneOf>(&step.action))
      for (const Branch& branch : choice->branches)
        if (only_hides(branch.when)) refuse(branch.at, "this branch's condition");
  });
  return result;
}

}  // namespace

constinit const Rule kHidesAlone = {
    .id = "hides-alone",
    .summary = "watchers and branches wait for something that shows",
    .why = "While a page loads it hides everything, so such a condition holds at once.",
    .bad = R"(watchers:
  - { when: { hides: { css: "#menu" } }, steps: [{ open: /home }] }
)",
    .good = R"(watchers:
  - { when: { css: "#cookies" }, steps: [{ dismiss: { css: "#cookies button" } }] }
)",
    .check = hides_alone,
    .needs = Completeness::kPart,
};

}  // namespace totpilot::playbook::rules
