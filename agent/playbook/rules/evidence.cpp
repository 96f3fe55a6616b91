#include "agent/playbook/rules/rules.h"

namespace totpilot::playbook::rules {
namespace {

Findings evidence(const Subject& subject) {
  Findings result;
  const Playbook& playbook = subject.playbook();
  const auto want = [&](const Condition& condition, SourcePosition at, std::string_view what) {
    if (condition.shows || condition.url) return;
    result.push_back({std::move(at),
                      fmt::format("{} must be something that shows: what is missing proves nothing", what),
                      "add shows: { ... }; an error page hides things too"});
  };
  // Where the setting is has one address for both states, so an address proves neither.
  const auto want_shown = [&](const Condition& condition, SourcePosition at, std::string_view what) {
    if (condition.shows) return;
    result.push_back({std::move(at), fmt::format("{} must be something that shows on the page of the setting", what),
                      "add shows: { ... }"});
  };
  want_shown(playbook.mfa.enabled, subject.place({"mfa", "enabled"}), "mfa.enabled");
  want_shown(playbook.mfa.disabled, subject.place({"mfa", "disabled"}), "mfa.disabled");
  want(playbook.session.in, subject.place({"session", "in"}), "session.in");
  want(playbook.session.out, subject.place({"session", "out"}), "session.out");
  each_step(playbook, [&](const Step& step) {
    if (const auto* submit = std::get_if<SubmitCode>(&step.action); submit && submit->accepted)
      want(*submit->accepted, subject.place(step, "accepted"), "accepted");
  });
  return result;
}

}  // namespace

constinit const Rule kEvidence = {
    .id = "evidence",
    .summary = "a state is told by something that shows",
    .why =
        "An enrollment counts only when the app shows that MFA is on. A page that failed to load hides everything, so "
        "the absence of "
        "something is no evidence.",
    .bad = R"(mfa: { open: /settings, disabled: { text: MFA is off }, enabled: { hides: { text: MFA is off } } }
)",
    .good = R"(mfa: { open: /settings, disabled: { text: MFA is off }, enabled: { text: MFA is active } }
)",
    .check = evidence,
};

}  // namespace totpilot::playbook::rules
