#include "agent/playbook/rules/rules.h"

namespace totpilot::playbook::rules {
namespace {

Findings recovery_flow_saves(const Subject& subject) {
  const auto& flow = subject.playbook().recovery_codes;
  if (!flow || has<SaveRecoveryCodes>(flow->steps)) return {};
  return {{flow->at, "the flow recovery_codes saves none", "add - save_recovery_codes: {}"}};
}

}  // namespace

constinit const Rule kRecoveryFlowSaves = {
    .id = "recovery-flow-saves",
    .summary = "the flow that makes new recovery codes saves them",
    .why = "New codes void the old ones: without saving, none is left.",
    .bad = R"(facts: { recovery_codes: offered }
flows:
  login:
    - sign_in: {}
  recovery_codes:
    - click: { role: button, name: New codes }
)",
    .good = R"(facts: { recovery_codes: offered }
flows:
  login:
    - sign_in: {}
  recovery_codes:
    - click: { role: button, name: New codes }
    - save_recovery_codes: {}
)",
    .check = recovery_flow_saves,
};

}  // namespace totpilot::playbook::rules
