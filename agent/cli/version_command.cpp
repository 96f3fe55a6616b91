#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/version.h"

namespace totpilot::cli {

void add_version_command(CommandTree& tree) {
  tree.add({.name = "version", .summary = "print the version", .details = {}, .examples = {}},
           [](Invocation& invocation) {
             invocation.out().document({{"version", kVersion}});
             invocation.out().line(fmt::format("totpilot {}", kVersion));
             return 0;
           });
}

}  // namespace totpilot::cli
