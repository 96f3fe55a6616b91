#pragma once
// Help beyond --help: topics, and the whole reference as text. docs/exit-codes.md and docs/cli.md are these texts; a
// test holds them to it.
#include <string>

namespace CLI {
class App;
}

namespace totpilot::cli {

/// Exit statuses and outcome codes, in Markdown; from the table in agent/base/outcome.cpp.
std::string exit_codes_text();
/// Every command with its options and examples, in Markdown; from the tree that parses them.
std::string reference_text(const CLI::App& root);

}  // namespace totpilot::cli
