#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/output_file.h"
#include "agent/services/vaults.h"

namespace totpilot::cli {

void add_backup_command(CommandTree& tree) {
  auto file = std::make_shared<std::string>();
  CLI::App& command = tree.add(
      {.name = "backup",
       .summary = "write an encrypted backup of everything",
       .details =
           "One file, readable with any way into the vault that there is now (key file, passphrase, kit), and "
           "with no later one: make a\n"
           "new backup after a new kit, passphrase or key file, and keep the earlier ones as long as the backups "
           "of their time. It never\n"
           "replaces a file.",
       .examples = {"totpilot backup /mnt/safe/totpilot-$(date +%F).backup"}},
      [file](Invocation& invocation) {
        require_new_file(*file);
        const auto report = invocation.run(services::Act{"vault.backup", {}, {}, {}},
                                           services::make_backup(invocation.house(), std::filesystem::absolute(*file)));
        invocation.out().document(services::to_json(report));
        invocation.out().line(fmt::format("wrote {} ({} bytes)", report.file.string(), report.bytes));
        invocation.out().note(
            fmt::format("see that it can be restored: totpilot restore {} --verify", report.file.string()));
        return 0;
      });
  command.add_option("FILE", *file, "the new file")->required();
}

}  // namespace totpilot::cli
