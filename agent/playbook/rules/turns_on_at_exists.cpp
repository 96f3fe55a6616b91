#include "agent/playbook/rules/rules.h"

namespace totpilot::playbook::rules {
namespace {

Findings turns_on_at_exists(const Subject& subject) {
  const Playbook& playbook = subject.playbook();
  if (!playbook.enroll) return {};
  const Steps& steps = playbook.enroll->steps;
  const auto missing = [&](std::string_view step) -> Findings {
    const bool said = subject.root().find("facts") && subject.root().find("facts")->value.find("turns_on_at");
    return {{said ? subject.place({"facts", "turns_on_at"}) : playbook.enroll->at,
             fmt::format("MFA turns on at {}, but enroll has no such step", step),
             said ? "name the step whose act turns MFA on"
                  : "say facts: { turns_on_at: ... } where another act turns MFA on"}};
  };
  switch (playbook.facts.turns_on_at) {
    case TurnsOnAt::kSubmitCode:
      return has<SubmitCode>(steps) ? Findings{} : missing("submit_code");
    case TurnsOnAt::kSaveRecoveryCodes:
      return has<SaveRecoveryCodes>(steps) ? Findings{} : missing("save_recovery_codes");
    case TurnsOnAt::kCaptureSecret:
      return has<CaptureSecret>(steps) ? Findings{} : missing("capture_secret");
    case TurnsOnAt::kLastStep:
      return {};
  }
  return {};
}

}  // namespace

constinit const Rule kTurnsOnAtExists = {
    .id = "turns-on-at-exists",
    .summary = "the step that turns MFA on is there",
    .why =
        "The act that turns MFA on is armed like a submit: what it does is recorded before it is done. A step that is "
        "not there cannot be armed.",
    .bad = R"(facts: { turns_on_at: save_recovery_codes, recovery_codes: none }
)",
    .good = R"(facts: { turns_on_at: submit_code, recovery_codes: none }
)",
    .check = turns_on_at_exists,
};

}  // namespace totpilot::playbook::rules
