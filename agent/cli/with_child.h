#pragma once
// with_child: runs a command with our standard streams, hands on the signals that ask it to end, and gives its status.
#include <string>
#include <utility>
#include <vector>

namespace totpilot::cli {

/// The exit status as a shell has it (128 and the signal's number where one ended it). not_found where the command
/// cannot be run.
int with_child(const std::vector<std::string>& command,
               const std::vector<std::pair<std::string, std::string>>& environment);

}  // namespace totpilot::cli
