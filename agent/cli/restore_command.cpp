#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/view.h"
#include "agent/services/vaults.h"

namespace totpilot::cli {
namespace {

struct RestoreOptions {
  std::string file;
  bool verify = false;
  bool set_aside = false;
};

int run_restore(Invocation& invocation, const RestoreOptions& options) {
  services::Restore request;
  request.file = std::filesystem::absolute(options.file);
  request.verify_only = options.verify;
  request.set_aside = options.set_aside;
  request.credentials = invocation.options().credentials();
  const auto report = invocation.run(services::restore_backup(invocation.house(), std::move(request)));
  Output& out = invocation.out();
  out.document(services::to_json(report));
  out.line(options.verify
               ? fmt::format("{} can be restored", options.file)
               : fmt::format("restored {} to {}", options.file, invocation.config().config.state_directory.string()));
  std::vector<std::string> counts;
  for (const auto& one : report.counts) counts.push_back(fmt::format("{} {}", one.rows, one.table));
  show_fields(out, {{"made", day_and_time(report.made)},
                    {"rows", joined(counts, ", ")},
                    {"secrets opened", std::to_string(report.secrets_opened)},
                    {"replaced state", report.set_aside ? report.set_aside->string() : ""}});
  if (report.key_file_missing)
    out.warn(
        "no key file opens it; make a new one: totpilot vault key-file, with the same --kit-file or --passphrase-file");
  return 0;
}

}  // namespace

void add_restore_command(CommandTree& tree) {
  auto options = std::make_shared<RestoreOptions>();
  CLI::App& command = tree.add(
      {.name = "restore",
       .summary = "check a backup, or put it in place",
       .details = "With --verify nothing changes: the backup is decrypted apart, the database checked, its rows "
                  "counted and every secret opened.\n"
                  "Without, the same is done first; a state directory that holds a database is left alone unless "
                  "--set-aside moves it away.",
       .examples = {"totpilot restore totpilot.backup --verify", "totpilot restore totpilot.backup --kit-file kit.txt",
                    "totpilot restore totpilot.backup --set-aside"}},
      [options](Invocation& invocation) { return run_restore(invocation, *options); });
  command.add_option("FILE", options->file, "the backup")->required();
  command.add_flag("--verify", options->verify, "only look whether it could be restored");
  command.add_flag("--set-aside", options->set_aside, "move what is there to replaced-<time>/ first");
}

}  // namespace totpilot::cli
