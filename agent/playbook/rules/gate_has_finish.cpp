#include "agent/playbook/rules/rules.h"

namespace totpilot::playbook::rules {
namespace {

Findings gate_has_finish(const Subject& subject) {
  const Playbook& playbook = subject.playbook();
  if (!playbook.enroll || playbook.facts.turns_on_at != TurnsOnAt::kSaveRecoveryCodes) return {};
  Findings result;
  each_step(playbook.enroll->steps, [&](const Step& step) {
    const auto* save = std::get_if<SaveRecoveryCodes>(&step.action);
    if (save && !save->finish && !save->saved)
      result.push_back({step.at, "this step turns MFA on, but it presses nothing",
                        "name the gate: finish: { role: button, name: ... }"});
  });
  return result;
}

}  // namespace

constinit const Rule kGateHasFinish = {
    .id = "gate-has-finish",
    .summary = "where saving the recovery codes turns MFA on, the step passes the app's gate",
    .why =
        "Without `finish` or `saved` the step only reads, and MFA stays off while the engine believes that it may be "
        "on.",
    .bad = R"(facts: { turns_on_at: save_recovery_codes, recovery_codes: offered }
flows:
  login:
    - sign_in: {}
  enroll:
    - capture_secret: {}
    - submit_code: {}
    - save_recovery_codes: {}
)",
    .good = R"(facts: { turns_on_at: save_recovery_codes, recovery_codes: offered }
flows:
  login:
    - sign_in: {}
  enroll:
    - capture_secret: {}
    - submit_code: {}
    - save_recovery_codes: { finish: { role: button, name: I have saved them } }
)",
    .check = gate_has_finish,
};

}  // namespace totpilot::playbook::rules
