#pragma once
// What a failed run shows beside its failure.
#include "agent/cli/output.h"

namespace totpilot::cli {

/// Shows any failure; one of a run with its job and report. Returns the exit status.
int show_failure(Output& out, const Failure& failure);

}  // namespace totpilot::cli
