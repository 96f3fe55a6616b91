#include "agent/playbook/rules/rules.h"

namespace totpilot::playbook::rules {
namespace {

Findings recovery_codes_said(const Subject& subject) {
  const Playbook& playbook = subject.playbook();
  if (!playbook.enroll || playbook.facts.recovery_codes != RecoveryCodes::kUnsaid) return {};
  if (has<SaveRecoveryCodes>(playbook.enroll->steps) || playbook.recovery_codes) return {};
  return {{playbook.enroll->at, "enroll saves no recovery codes, and the facts do not say whether there are some",
           "say facts: { recovery_codes: none }, or add save_recovery_codes"}};
}

}  // namespace

constinit const Rule kRecoveryCodesSaid = {
    .id = "recovery-codes-said",
    .summary = "a playbook without recovery codes says that the app has none",
    .why = "Forgotten recovery codes look just like an app that has none, until the day they are needed.",
    .bad = R"(facts: { code_reuse: refused }
)",
    .good = R"(facts: { code_reuse: refused, recovery_codes: none }
)",
    .check = recovery_codes_said,
    .severity = yaml::Severity::kWarning,
};

}  // namespace totpilot::playbook::rules
