#include "agent/cli/consent.h"

#include <CLI/CLI.hpp>

#include "agent/base/failure.h"
#include "agent/cli/terminal.h"

namespace totpilot::cli {

void Consent::add_option(CLI::App& command) {
  command.add_flag("--yes", yes_, "do not ask; needed where there is no terminal to ask on");
}

void Consent::require(const std::string& question, const std::string& otherwise) const {
  if (!yes_ && !ask_yes(question, "say that it is meant with --yes")) throw Failure(Outcome::kCancelled, otherwise);
}

}  // namespace totpilot::cli
