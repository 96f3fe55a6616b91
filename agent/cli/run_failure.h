#pragma once
// What a failed run shows beside its failure.
#include "agent/cli/output.h"

namespace totpilot::cli {

/// Shows any failure; one of a run with its job and report. `account`, where the command named one, stands in the hint
/// instead of the word ACCOUNT. Returns the exit status.
int show_failure(Output& out, const Failure& failure, const std::string& account = {});

/// `hint` with `account` instead of the word ACCOUNT; as it is where that is empty or could not be the name of one.
std::string with_account(std::string hint, const std::string& account);

}  // namespace totpilot::cli
