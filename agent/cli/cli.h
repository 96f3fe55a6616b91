#pragma once
// The command line: from the arguments to a service and back to words and an exit status. Called once, by main.
#include "agent/cli/invocation.h"

namespace totpilot::cli {

/// Parses, runs, shows; returns the exit status of the outcome. Nothing is thrown.
int run(int argc, const char* const* argv, const Wiring& wiring);

}  // namespace totpilot::cli
