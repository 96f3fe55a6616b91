#pragma once
// Runs a command that prints a password. Private to the room. Blocking.
#include <string>

#include "agent/base/deadline.h"
#include "agent/base/secret.h"

namespace totpilot::vault {

/// The first line of what `/bin/sh -c command` prints, without its line end. The command gets no input and its errors
/// are not shown; it and its children in its process group are killed at the deadline (timed_out). Throws needs_input
/// when it fails.
Secret run_password_command(const std::string& command, Deadline deadline);

}  // namespace totpilot::vault
