#include <CLI/CLI.hpp>

#include "agent/base/file.h"
#include "agent/cli/command.h"
#include "agent/cli/json_view.h"
#include "agent/cli/list_view.h"
#include "agent/cli/output_file.h"
#include "agent/cli/terminal.h"
#include "agent/cli/view.h"
#include "agent/services/vaults.h"

namespace totpilot::cli {
namespace {

using nlohmann::ordered_json;

/// What a backup holds is sealed for the ways in of its time, which a person may now take for void.
void warn_of_backups(Output& out, std::string_view fresh) {
  out.warn(fmt::format(
      "backups made before now open only with what opened the vault then, not with the new {}: keep that as long as "
      "them, and make a new backup: totpilot backup FILE",
      fresh));
}

std::string way_in(const ordered_json& view, const ordered_json& slot) {
  const std::string where = text_at(slot, "where");
  if (where.empty()) return text_at(slot, "kind");
  return fmt::format("{} ({}{})", text_at(slot, "kind"), where, flag_at(view, "key_file_present") ? "" : ", not there");
}

void show_status_fields(Output& out, const ordered_json& view) {
  std::vector<std::string> ways;
  for (const ordered_json& slot : view.at("slots")) ways.push_back(way_in(view, slot));
  std::vector<std::string> keys;
  for (const ordered_json& key : view.at("keys"))
    keys.push_back(fmt::format("{} {} since {}, {} records, {} encryptions", text_at(key, "id"),
                               flag_at(key, "active") ? "active" : "retiring", moment_at(key, "created"),
                               text_at(key, "records"), text_at(key, "encryptions")));
  show_fields(
      out,
      {{"vault", flag_at(view, "opens") ? "opens" : out.on_output(Tint::kBad, "closed")},
       {"state", text_at(view, "state_directory")},
       {"keys", text_at(view, "key_directory")},
       {"escrow", fmt::format("{} ({} copies)", text_at(view, "escrow_directory"), text_at(view, "escrow_entries"))},
       {"ways in", joined(ways, ", ")},
       {"record keys", joined(keys, "; ")},
       {"records", text_at(view, "records")},
       {"epoch", fmt::format("{}, last seen here {}", text_at(view, "epoch"), text_at(view, "outside_epoch"))},
       {"last backup", or_dash(moment_at(view, "last_backup"))},
       {"last restore check", or_dash(moment_at(view, "last_backup_verified"))}});
}

/// A closed vault is a failure that says all the same what is known of it.
int show_status(Output& out, ordered_json view) {
  if (flag_at(view, "opens")) out.document(view);
  show_status_fields(out, view);
  if (flag_at(view, "opens")) return 0;
  const ordered_json why = view.at("sealed");
  view.erase("sealed");
  const Failure failure(outcome_from_name(text_at(why, "outcome")).value_or(Outcome::kInternal),
                        text_at(why, "message"), text_at(why, "hint"));
  out.failure(failure, {{"vault", std::move(view)}});
  return outcome_info(failure.code()).exit_code;
}

struct InitOptions {
  bool with_passphrase = false;
  bool no_key_file = false;
};

int run_init(Invocation& invocation, const InitOptions& options) {
  services::InitVault request;
  request.key_file = !options.no_key_file;
  if (options.with_passphrase || options.no_key_file || invocation.options().passphrase.given())
    request.passphrase = invocation.options().passphrase.read_or_ask_new("new passphrase of the vault");
  const auto view = invocation.run(services::Act{"vault.init", {}, {}, {}},
                                   services::init_vault(invocation.house(), std::move(request)));
  Output& out = invocation.out();
  out.document(services::to_json(view));
  out.line(fmt::format("made a vault in {}", view.state_directory.string()));
  if (!options.no_key_file)
    out.note(fmt::format("its key is in {}: back it up apart from the state", view.key_directory.string()));
  out.note("print a recovery of the key and lock it away: totpilot vault kit");
  return 0;
}

void add_init(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<InitOptions>();
  CLI::App& command = tree.add(
      group,
      {.name = "init",
       .summary = "make the vault",
       .details =
           "The key is a file in the key directory (--key-dir), which must not be in the state directory (--state). A "
           "passphrase can\n"
           "be a second way in (--with-passphrase), or the only one (--no-key-file); then every command needs it.",
       .examples = {"totpilot vault init", "totpilot vault init --with-passphrase",
                    "totpilot vault init --no-key-file --passphrase-file /run/secrets/vault"}},
      [options](Invocation& invocation) { return run_init(invocation, *options); });
  command.add_flag("--with-passphrase", options->with_passphrase,
                   "a passphrase opens it too; asked for, or given by --passphrase-*");
  command.add_flag("--no-key-file", options->no_key_file, "only the passphrase opens it");
}

void add_status(CommandTree& tree, CLI::App& group) {
  tree.add(group,
           {.name = "status",
            .summary = "say how the vault stands, and that it opens",
            .details = "Of a vault that stays closed it says what can be known without the key, and why.",
            .examples = {"totpilot vault status --json"}},
           [](Invocation& invocation) { return show_status(invocation.out(), invocation.perform("vault.status")); });
}

struct RotateOptions {
  services::RotateKey request;
  bool new_passphrase = false;
};

int run_rotate(Invocation& invocation, RotateOptions& options) {
  const bool everything = options.request.everything;
  if (options.new_passphrase) {
    // Not --passphrase-*: that one opens the vault now.
    options.request.passphrase = ask_new_secret(
        "new passphrase of the vault", "run it on a terminal, or set it afterwards: totpilot vault passphrase");
  }
  // New ways in are made on this machine alone; a new key for the records also by the daemon.
  const bool ways_in =
      everything || options.request.passphrase || options.request.drop_passphrase || options.request.drop_kit;
  const ordered_json report =
      ways_in ? services::to_json(invocation.run(services::Act{"vault.rotate_key", {}, {}, {}},
                                                 services::rotate_key(invocation.house(), std::move(options.request))))
              : invocation.perform("vault.rotate_key");
  Output& out = invocation.out();
  out.document(report);
  out.line(fmt::format("{} {} records are under the new key {}",
                       flag_at(report, "resumed") ? "went on with an earlier rotation:" : "done:",
                       text_at(report, "rewrapped"), text_at(report, "new_key")));
  for (const std::string& kind : texts_at(report, "dropped"))
    out.warn(fmt::format("the {} opens the vault no longer", kind));
  if (everything) warn_of_backups(out, "key file or passphrase");
  return 0;
}

void add_rotate(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<RotateOptions>();
  CLI::App& command = tree.add(
      group,
      {.name = "rotate-key",
       .summary = "give the records a new key",
       .details = "Can be interrupted anywhere; run again it goes on. With --everything the root key and the "
                  "key file are new too, for when\n"
                  "someone may have seen them: then a passphrase must be given again (--new-passphrase) or "
                  "dropped, and a printed kit is void. Backups made before still need the key file, passphrase "
                  "or kit of their time; the\n"
                  "earlier key file is not kept, so copy it first where nothing else opens them, and make a new "
                  "backup after.",
       .examples = {"totpilot vault rotate-key", "totpilot vault rotate-key --everything --drop-kit"}},
      [options](Invocation& invocation) { return run_rotate(invocation, *options); });
  command.add_flag("--everything", options->request.everything, "also a new root key and key file");
  auto* fresh =
      command.add_flag("--new-passphrase", options->new_passphrase, "with --everything: ask for the new passphrase");
  command
      .add_flag("--drop-passphrase", options->request.drop_passphrase,
                "with --everything: the passphrase opens it no longer")
      ->excludes(fresh);
  command.add_flag("--drop-kit", options->request.drop_kit, "with --everything: the printed kit is void");
}

/// The kit is on its way out, durable where it goes to a file, before the one that is in a drawer is void.
int run_kit(Invocation& invocation, const OutputFile& file) {
  file.require_writable();
  Output& out = invocation.out();
  std::optional<StagedFile> staged;
  invocation.run(services::Act{"vault.kit", {}, {}, {}}, services::make_kit(invocation.house(), [&](const Secret& kit) {
                   if (file.given()) {
                     file.require_writable();
                     staged.emplace(file.path(), kit.reveal());
                     return;
                   }
                   out.document({{"kit", kit.reveal()}});
                   if (!out.json()) out.raw(kit.reveal());
                 }));
  if (staged) {
    staged->put_in_place();
    out.document({{"file", file.path()}});
    out.line(fmt::format("wrote {} (mode 0600): print it and remove it from this machine", file.path()));
  }
  warn_of_backups(out, "kit");
  return 0;
}

void add_kit(CommandTree& tree, CLI::App& group) {
  auto file = std::make_shared<OutputFile>();
  CLI::App& command = tree.add(
      group,
      {.name = "kit",
       .summary = "make a printable recovery of the key",
       .details = "A page that opens the vault, or a backup made from now on, when key file and passphrase are "
                  "lost. A new kit takes the place\n"
                  "of an earlier one for this vault; backups made before still need the kit of their time. Print "
                  "it, lock it away, leave no copy\n"
                  "of it on this machine, and make a new backup. Typed into a file it opens any command: "
                  "--kit-file FILE.",
       .examples = {"totpilot vault kit | lp", "totpilot vault kit --output kit.txt"}},
      [file](Invocation& invocation) { return run_kit(invocation, *file); });
  file->add_options(command, "--output", "write to this new file instead of standard output");
}

void add_passphrase(CommandTree& tree, CLI::App& group) {
  auto source = std::make_shared<SecretSource>("new-passphrase");
  CLI::App& command = tree.add(group,
                               {.name = "passphrase",
                                .summary = "add a passphrase as a way in, or replace it",
                                .details = "Backups made before open with the passphrase of their time, not with this "
                                           "one: make a new backup.",
                                .examples = {"totpilot vault passphrase"}},
                               [source](Invocation& invocation) {
                                 Secret passphrase = source->read_or_ask_new("new passphrase of the vault");
                                 invocation.run(services::Act{"vault.passphrase", {}, {}, {}},
                                                services::set_passphrase(invocation.house(), std::move(passphrase)));
                                 invocation.out().document(nlohmann::ordered_json::object());
                                 invocation.out().line("the passphrase opens the vault from now on");
                                 warn_of_backups(invocation.out(), "passphrase");
                                 return 0;
                               });
  source->add_options(command);
}

int run_key_file(Invocation& invocation, vault::OtherKeyFile other) {
  const auto made =
      invocation.run(services::Act{"vault.key_file", {}, {}, {}}, services::make_key_file(invocation.house(), other));
  Output& out = invocation.out();
  out.document(
      {{"file", made.file.string()},
       {"set_aside", made.set_aside ? nlohmann::ordered_json(made.set_aside->string()) : nlohmann::ordered_json()}});
  out.line(fmt::format("wrote a new key file, {}", made.file.string()));
  if (made.set_aside) out.note(fmt::format("what was there is kept as {}", made.set_aside->string()));
  warn_of_backups(out, "key file");
  return 0;
}

void add_key_file(CommandTree& tree, CLI::App& group) {
  auto set_aside = std::make_shared<bool>(false);
  CLI::App& command = tree.add(
      group,
      {.name = "key-file",
       .summary = "write a new key file, where it was lost or is damaged",
       .details =
           "Opened by kit or passphrase. What stands in its place and is no key file is kept under another name; "
           "one that may open\n"
           "another vault only with --set-aside. Backups made before still need the key file, passphrase or kit of "
           "their time: make a\n"
           "new backup.",
       .examples = {"totpilot vault key-file --passphrase-file p.txt", "totpilot vault key-file --kit-file kit.txt"}},
      [set_aside](Invocation& invocation) {
        return run_key_file(invocation, *set_aside ? vault::OtherKeyFile::kSetAside : vault::OtherKeyFile::kRefuse);
      });
  command.add_flag("--set-aside", *set_aside, "keep a key file of another vault under another name first");
}

void add_slots(CommandTree& tree, CLI::App& group) {
  auto kind = std::make_shared<std::string>();
  CLI::App& remove = tree.add(group,
                              {.name = "remove-slot",
                               .summary = "take a way in away: file, passphrase or kit; never the last one",
                               .details = {},
                               .examples = {"totpilot vault remove-slot kit"}},
                              [kind](Invocation& invocation) {
                                invocation.run(services::Act{"vault.remove_slot", {}, {}, {}},
                                               services::remove_slot(invocation.house(), *kind));
                                invocation.out().document(nlohmann::ordered_json::object());
                                invocation.out().line(fmt::format("the {} opens the vault no longer", *kind));
                                return 0;
                              });
  remove.add_option("KIND", *kind, "file, passphrase or kit")
      ->required()
      ->check(CLI::IsMember({"file", "passphrase", "kit"}))
      ->type_name("");
  tree.add(group,
           {.name = "accept-rollback",
            .summary = "take the present database as the right one, after a warning that it is an older one",
            .details = "The vault counts its changes outside the database too. When a database is put back that is "
                       "older, secrets captured since are\n"
                       "missing from it; look among the escrow copies first: totpilot factor list --escrow.",
            .examples = {}},
           [](Invocation& invocation) {
             invocation.perform("vault.accept_rollback");
             invocation.out().document(nlohmann::ordered_json::object());
             invocation.out().line("this database is the right one from now on");
             return 0;
           });
}

}  // namespace

void add_vault_commands(CommandTree& tree) {
  CLI::App& group = tree.add_group({.name = "vault",
                                    .summary = "where secrets are kept: init, status, rotate-key, kit, ...",
                                    .details = {},
                                    .examples = {}});
  add_init(tree, group);
  add_status(tree, group);
  add_rotate(tree, group);
  add_kit(tree, group);
  add_passphrase(tree, group);
  add_key_file(tree, group);
  add_slots(tree, group);
}

}  // namespace totpilot::cli
