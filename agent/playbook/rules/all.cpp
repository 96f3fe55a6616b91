#include <array>

#include "agent/playbook/rules/rules.h"

namespace totpilot::playbook {

std::span<const Rule* const> all_rules() {
  // What may lock a person out comes first.
  static constexpr std::array<const Rule*, 17> kAll = {
      &rules::kEvidence,        &rules::kStatesDiffer,       &rules::kCaptureBeforeSubmit,  &rules::kTurnsOnAtExists,
      &rules::kGateHasFinish,   &rules::kRecoveryCodesSaved, &rules::kRecoveryCodesSaid,    &rules::kRecoveryFlowSaves,
      &rules::kLoginSignsIn,    &rules::kSecretFields,       &rules::kPlaceholderMisplaced, &rules::kOptionsAgree,
      &rules::kUnreachableStep, &rules::kUnreachableBranch,  &rules::kHidesAlone,           &rules::kUrlPattern,
      &rules::kCssSyntax,
  };
  return kAll;
}

}  // namespace totpilot::playbook
