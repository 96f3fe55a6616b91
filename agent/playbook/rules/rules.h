#pragma once
// The lint rules, one per file. Of agent/playbook only.
#include <fmt/format.h>

#include "agent/playbook/lint.h"

namespace totpilot::playbook::rules {

extern const Rule kEvidence;
extern const Rule kStatesDiffer;
extern const Rule kCaptureBeforeSubmit;
extern const Rule kTurnsOnAtExists;
extern const Rule kGateHasFinish;
extern const Rule kRecoveryCodesSaved;
extern const Rule kRecoveryCodesSaid;
extern const Rule kRecoveryFlowSaves;
extern const Rule kLoginSignsIn;
extern const Rule kSecretFields;
extern const Rule kPlaceholderMisplaced;
extern const Rule kOptionsAgree;
extern const Rule kUnreachableStep;
extern const Rule kUnreachableBranch;
extern const Rule kHidesAlone;
extern const Rule kUrlPattern;
extern const Rule kCssSyntax;

}  // namespace totpilot::playbook::rules
