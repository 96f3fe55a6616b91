#include "agent/playbook/rules/rules.h"

namespace totpilot::playbook::rules {
namespace {

Findings recovery_codes_saved(const Subject& subject) {
  const Playbook& playbook = subject.playbook();
  if (!playbook.enroll) return {};
  const bool saves = has<SaveRecoveryCodes>(playbook.enroll->steps) || playbook.recovery_codes;
  const SourcePosition fact = subject.place({"facts", "recovery_codes"});
  if (playbook.facts.recovery_codes == RecoveryCodes::kOffered && !saves)
    return {{fact, "the app offers recovery codes, but no flow saves them",
             "add save_recovery_codes to enroll, or a flow recovery_codes"}};
  if (playbook.facts.recovery_codes == RecoveryCodes::kNone && saves)
    return {{fact, "recovery codes are saved, but the facts say that there are none", "did you mean offered?"}};
  return {};
}

}  // namespace

constinit const Rule kRecoveryCodesSaved = {
    .id = "recovery-codes-saved",
    .summary = "recovery codes are saved where the app has them",
    .why = "They are shown once. Who loses the authenticator and has no recovery code is locked out.",
    .bad = R"(facts: { recovery_codes: offered }
)",
    .good = R"(facts: { recovery_codes: offered }
flows:
  login:
    - sign_in: {}
  enroll:
    - capture_secret: {}
    - submit_code: {}
    - save_recovery_codes: {}
)",
    .check = recovery_codes_saved,
};

}  // namespace totpilot::playbook::rules
