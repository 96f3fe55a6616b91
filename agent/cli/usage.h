#pragma once
// Usage: what is said of a command line that could not be understood, in our words instead of the parser's.
#include "agent/base/failure.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace totpilot::cli {

/// `usage`: what is wrong with it, and the nearest command or option, or what the command needs. No value that was
/// given is repeated: one of them may be a password that someone tried to give.
Failure usage_failure(const CLI::App& root, const CLI::ParseError& error);

/// Every option of a command, for a hint: "--name, --url, --tag".
std::string options_of(const CLI::App& command);
/// How many of its options the command line gave.
std::size_t options_given(const CLI::App& command);

}  // namespace totpilot::cli
