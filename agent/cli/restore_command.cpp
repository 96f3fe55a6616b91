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

std::string with_age(TimePoint then, TimePoint now) {
  const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - then);
  return age.count() < 0 ? day_and_time(then) : fmt::format("{} ({} ago)", day_and_time(then), for_people(age));
}

/// The database in place says it best; without one, that the vault was used since.
void warn_of_what_is_newer(Output& out, const vault::BackupAge& age, std::string_view database) {
  if (age.newest_here && (!age.newest || *age.newest_here > *age.newest)) {
    const auto later =
        age.newest ? for_people(std::chrono::duration_cast<std::chrono::milliseconds>(*age.newest_here - *age.newest)) +
                         " after the newest of the backup"
                   : "later than all of the backup";
    out.warn(fmt::format("{} has changes up to {}, {}", database, day_and_time(age.newest_here), later));
  } else if (!age.newest_here && age.openings_since > 0) {
    out.warn(
        fmt::format("the vault was opened {} times after this backup: what was captured or replaced since is not "
                    "in it",
                    age.openings_since));
  }
}

/// A restored secret that was replaced since is refused by the app, and looks like any other here.
void warn_of_age(Output& out, const vault::BackupAge& age, std::string_view database) {
  warn_of_what_is_newer(out, age, database);
  for (const std::string& account : age.replaced)
    out.warn(fmt::format("{} uses another factor in {} than in the backup", printable(account), database));
  for (const std::string& account : age.missing)
    out.warn(fmt::format("{} is in {}, and not in the backup", printable(account), database));
  for (const auto& copy : age.copies)
    out.warn(
        fmt::format("an escrow copy is newer than the backup: {0} of {1}, of {2}; totpilot factor import {1} "
                    "--from-escrow {0} brings it back",
                    copy.factor.str(), printable(copy.account), day_and_time(copy.created)));
}

int run_restore(Invocation& invocation, const RestoreOptions& options) {
  services::Restore request;
  request.file = std::filesystem::absolute(options.file);
  request.verify_only = options.verify;
  request.set_aside = options.set_aside;
  const auto report = invocation.run(services::restore_backup(invocation.house(), std::move(request)));
  Output& out = invocation.out();
  out.document(services::to_json(report));
  out.line(options.verify
               ? fmt::format("{} can be restored", options.file)
               : fmt::format("restored {} to {}", options.file, invocation.config().config.state_directory.string()));
  std::vector<std::string> counts;
  counts.reserve(report.counts.size());
  for (const auto& one : report.counts) counts.push_back(fmt::format("{} {}", one.rows, one.table));
  const TimePoint now = invocation.house().clock().now();
  show_fields(out, {{"made", with_age(report.made, now)},
                    {"newest change", report.age.newest ? with_age(*report.age.newest, now) : ""},
                    {"rows", joined(counts, ", ")},
                    {"secrets opened", std::to_string(report.secrets_opened)},
                    {"replaced state", report.set_aside ? report.set_aside->string() : ""}});
  warn_of_age(out, report.age, options.verify ? "the database here" : "the database that was here");
  if (!options.verify)
    out.note("an app may have got a new secret since: before you rely on a restored one, totpilot check ACCOUNT");
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
       .details =
           "With --verify nothing changes: the backup is decrypted apart, the database checked, its rows "
           "counted and every secret opened.\n"
           "Without, the same is done first; a state directory that holds a database is left alone unless "
           "--set-aside moves it away.\n"
           "It opens with the key file, passphrase or kit of the time when it was made; a passphrase is asked for "
           "where nothing else does.\n"
           "Said is how old it is, and what is newer here: the database in place, the escrow copies. After a "
           "restore, totpilot check ACCOUNT\n"
           "asks the app whether the restored secret is still the one it uses.",
       .examples = {"totpilot restore totpilot.backup --verify", "totpilot restore totpilot.backup --kit-file kit.txt",
                    "totpilot restore totpilot.backup --set-aside"}},
      [options](Invocation& invocation) { return run_restore(invocation, *options); });
  command.add_option("FILE", options->file, "the backup")->required();
  command.add_flag("--verify", options->verify, "only look whether it could be restored");
  command.add_flag("--set-aside", options->set_aside, "move what is there to replaced-<time>/ first");
}

}  // namespace totpilot::cli
