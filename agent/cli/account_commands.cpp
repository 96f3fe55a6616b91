#include <CLI/CLI.hpp>

#include "agent/base/counted.h"
#include "agent/cli/arguments.h"
#include "agent/cli/command.h"
#include "agent/cli/consent.h"
#include "agent/cli/json_view.h"
#include "agent/cli/list_view.h"
#include "agent/cli/terminal.h"
#include "agent/cli/usage.h"
#include "agent/cli/view.h"

namespace totpilot::cli {
namespace {

using nlohmann::ordered_json;

/// What add and set share: where the password comes from.
struct PasswordOptions {
  SecretSource source{"password"};
  bool each_time = false;

  void add_to(CLI::App& command) {
    source.add_options(command);
    command.add_flag("--each-time", each_time,
                     "keep the file or command, not the password: it is asked for at each login");
  }

  /// False when none was given.
  bool put_into(const Arguments& arguments) const {
    if (each_time) {
      if (source.file().empty() && source.command().empty())
        throw Failure(Outcome::kUsage, "--each-time needs --password-file or --password-command");
      if (!source.file().empty()) arguments.set("password_file", std::filesystem::absolute(source.file()).string());
      if (!source.command().empty()) arguments.set("password_command", source.command());
    } else if (source.given()) {
      arguments.set("password", source.read());
    }
    return each_time || source.given();
  }
};

struct AddOptions {
  Arguments arguments;
  PasswordOptions password;
  bool no_password = false;
};

int run_add(Invocation& invocation, const AddOptions& options) {
  const Arguments& arguments = options.arguments;
  invocation.set_subject(arguments.at("name"));
  if (!options.password.put_into(arguments) && !options.no_password && can_ask() && !invocation.out().json()) {
    const Secret password =
        ask_secret(fmt::format("password of {}", printable(arguments.at("username"))), options.password.source.hint());
    if (!password.empty()) arguments.set("password", password);
  }
  const ordered_json account = invocation.perform("account.add", arguments.take());
  const std::string name = text_at(account, "name");
  Output& out = invocation.out();
  out.document(account);
  out.line(fmt::format("added {} ({})", name, text_at(account, "id")));
  out.note(fmt::format("secrets of this account are typed only into: {}", joined(texts_at(account, "origins"), ", ")));
  if (text_at(account, "app").empty())
    out.note(fmt::format(
        "no --app was given: the account is self-managed; keep its secret with totpilot factor import {}", name));
  if (text_at(account, "password") == "none")
    out.note(fmt::format("no password is stored; give it with totpilot account set {} --password-stdin", name));
  return 0;
}

void add_add(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<AddOptions>();
  CLI::App& command = tree.add(
      group,
      {.name = "add",
       .summary = "add an account",
       .details = "The origin of --url is pinned: passwords and codes of this account are typed nowhere else. Where "
                  "the app signs in at a\n"
                  "further origin, accept it with --origin. Without --app the account is self-managed: you enroll by "
                  "hand and keep its\n"
                  "secret here. Without an option for the password you are asked for it on the terminal.",
       .examples =
           {"totpilot account add work --app redmine --url https://redmine.example --username alice",
            "totpilot account add ci --app mediawiki --url https://wiki.example --username bot --password-file "
            "/run/secrets/wiki",
            "pass show wiki | totpilot account add wiki --app mediawiki --url https://wiki.example --username bob "
            "--password-stdin",
            "totpilot account add home --url http://192.168.1.5:3000 --username me --insecure-http --no-password"}},
      [options](Invocation& invocation) { return run_add(invocation, *options); });
  const Arguments& arguments = options->arguments;
  arguments.text(command, "NAME", "name", "what you will call it: letters, digits and . _ @ + -")->required();
  arguments.text(command, "--url", "url", "the app's base address, with its path if it has one")
      ->required()
      ->type_name("URL");
  arguments.text(command, "--username", "username", "what is typed as user name")->required()->type_name("NAME");
  arguments.text(command, "--app", "app", "the playbook to follow; see totpilot playbook list")->type_name("APP");
  arguments.texts(command, "--origin", "origins", "a further origin where secrets may be typed (repeatable)")
      ->type_name("ORIGIN")
      ->allow_extra_args(false);
  arguments.flag(command, "--insecure-http", "insecure_http",
                 "accept an address that is neither https nor on this machine");
  arguments.texts(command, "--tag", "tags", "a word to find it by (repeatable)")
      ->type_name("TAG")
      ->allow_extra_args(false);
  arguments.text(command, "--notes", "notes", "free text; no secrets")->type_name("TEXT");
  options->password.add_to(command);
  auto* none = command.add_flag("--no-password", options->no_password, "store none and do not ask");
  for (const char* given : {"--password-file", "--password-command", "--password-stdin", "--each-time"})
    none->excludes(command.get_option(given));
}

std::vector<std::string> account_row(const ordered_json& account) {
  const std::string open = text_at(account, "open_enrollment");
  return {text_at(account, "name"),
          or_dash(text_at(account, "app")),
          printable(text_at(account, "username")),
          text_at(account, "url"),
          open.empty() ? text_at(account, "factor_state") : text_at(account, "factor_state") + " (" + open + ")",
          text_at(account, "factor").empty() ? "-" : text_at(account, "unused_recovery_codes")};
}

void add_account_list(CommandTree& tree, CLI::App& group) {
  auto tag = std::make_shared<std::string>();
  CLI::App& command =
      tree.add(group,
               {.name = "list",
                .summary = "list accounts",
                .details = {},
                .examples = {"totpilot account list --tag ci", "totpilot account list --json"}},
               [tag](Invocation& invocation) {
                 show_list(invocation.out(), {{"accounts", all_accounts(invocation, *tag)}}, "accounts",
                           {"NAME", "APP", "USER NAME", "ADDRESS", "FACTOR", "RECOVERY CODES"}, account_row,
                           tag->empty() ? "there is no account yet; totpilot account add --help"
                                        : fmt::format("no account has the tag {}", printable(*tag)));
                 return 0;
               });
  command.add_option("--tag", *tag, "only those with this tag")->type_name("TAG");
}

int show_account(Invocation& invocation, const ordered_json& account) {
  const std::string app = text_at(account, "app");
  const std::string factor = text_at(account, "factor");
  invocation.out().document(account);
  show_fields(invocation.out(),
              {{"account", text_at(account, "name")},
               {"id", text_at(account, "id")},
               {"user name", text_at(account, "username")},
               {"address", text_at(account, "url")},
               {"app", app.empty() ? "none (self-managed)" : app},
               {"pinned origins", joined(texts_at(account, "origins"), ", ")},
               {"plain http", flag_at(account, "insecure_http") ? "accepted" : ""},
               {"password", text_at(account, "password")},
               {"factor", text_at(account, "factor_state") + (factor.empty() ? "" : "  " + factor)},
               {"recovery codes", factor.empty() ? "" : text_at(account, "unused_recovery_codes") + " unused"},
               {"open enrollment", text_at(account, "open_enrollment")},
               {"clock", clock_at(account)},
               {"tags", joined(texts_at(account, "tags"), ", ")},
               {"notes", text_at(account, "notes")},
               {"added", moment_at(account, "created")}});
  return 0;
}

void add_show(CommandTree& tree, CLI::App& group) {
  auto name = std::make_shared<std::string>();
  CLI::App& command =
      tree.add(group,
               {.name = "show",
                .summary = "show an account, without secrets",
                .details = {},
                .examples = {"totpilot account show work"}},
               [name](Invocation& invocation) {
                 invocation.set_subject(*name);
                 return show_account(invocation, invocation.perform("account.show", {{"account", *name}}));
               });
  command.add_option("ACCOUNT", *name, "its name or id")->required();
}

struct SetOptions {
  Arguments arguments;
  PasswordOptions password;
  const CLI::App* command = nullptr;
};

int run_set(Invocation& invocation, const SetOptions& options) {
  invocation.set_subject(options.arguments.at("account"));
  if (options_given(*options.command) == 0)
    throw Failure(Outcome::kUsage, "it was not said what to change", "give one of " + options_of(*options.command));
  options.password.put_into(options.arguments);
  return show_account(invocation, invocation.perform("account.set", options.arguments.take()));
}

void add_set(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<SetOptions>();
  CLI::App& command =
      tree.add(group,
               {.name = "set",
                .summary = "change an account",
                .details = "Only what is given changes. A new --url moves the pin of the old one; further pins stay.",
                .examples = {"totpilot account set work --password-stdin < new-password",
                             "totpilot account set work --add-origin https://sso.example",
                             "totpilot account set work --password-command 'pass show work' --each-time"}},
               [options](Invocation& invocation) { return run_set(invocation, *options); });
  options->command = &command;
  const Arguments& arguments = options->arguments;
  arguments.text(command, "ACCOUNT", "account", "its name or id")->required();
  arguments.text(command, "--name", "name", "a new name")->type_name("NAME");
  arguments.text(command, "--username", "username", "a new user name")->type_name("NAME");
  arguments.text(command, "--url", "url", "a new base address")->type_name("URL");
  auto* app = arguments.text(command, "--app", "app", "another playbook")->type_name("APP");
  command.add_flag_callback(
             "--no-app", [arguments] { arguments.set("app", ""); }, "self-managed from now on")
      ->excludes(app);
  arguments.texts(command, "--add-origin", "add_origins", "pin a further origin (repeatable)")
      ->type_name("ORIGIN")
      ->allow_extra_args(false);
  arguments.texts(command, "--remove-origin", "remove_origins", "take a pin away (repeatable)")
      ->type_name("ORIGIN")
      ->allow_extra_args(false);
  auto* insecure = arguments.flag(command, "--insecure-http", "insecure_http", "accept plain http to another machine");
  arguments.flag(command, "--no-insecure-http", "insecure_http", "accept it no longer", false)->excludes(insecure);
  arguments.texts(command, "--add-tag", "add_tags", "add a tag (repeatable)")
      ->type_name("TAG")
      ->allow_extra_args(false);
  arguments.texts(command, "--remove-tag", "remove_tags", "remove a tag (repeatable)")
      ->type_name("TAG")
      ->allow_extra_args(false);
  arguments.text(command, "--notes", "notes", "free text; no secrets")->type_name("TEXT");
  options->password.add_to(command);
  arguments.flag(command, "--forget-password", "forget_password", "store no password any longer");
}

struct RemoveOptions {
  Arguments arguments;
  Consent consent;
};

int run_remove(Invocation& invocation, const RemoveOptions& options) {
  const std::string account = options.arguments.at("account");
  invocation.set_subject(account);
  options.consent.require(fmt::format("remove {}?", printable(account)), "nothing was removed");
  const ordered_json removed = invocation.perform("account.remove", options.arguments.take());
  const auto kept = static_cast<std::size_t>(number_at(removed, "kept_factors"));
  const auto dropped = static_cast<std::size_t>(number_at(removed, "dropped_recovery_codes"));
  invocation.out().document(removed);
  invocation.out().line(fmt::format("removed {}", text_at(removed, "removed")));
  if (kept > 0)
    invocation.out().note(fmt::format(
        "of it {} in the escrow file (totpilot factor list --escrow); totpilot factor export takes one out by its id",
        counted(kept, "TOTP key stays", "TOTP keys stay")));
  if (dropped > 0)
    invocation.out().note(fmt::format("gone for good: {}",
                                      counted(dropped, "unused recovery code of it", "unused recovery codes of it")));
  return 0;
}

void add_remove(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<RemoveOptions>();
  CLI::App& command = tree.add(
      group,
      {.name = "remove",
       .summary = "remove an account",
       .details =
           "Refused while a factor is in use or an enrollment is open, unless --with-factor: the app would go on\n"
           "asking for codes. Asks first; a script says --yes. Sealed copies of its TOTP keys stay in the escrow file "
           "in any case; its recovery codes "
           "and a\n"
           "stored password do not: write unused codes down first (totpilot recovery-codes ACCOUNT show).",
       .examples = {"totpilot account remove work", "totpilot account remove work --with-factor --yes"}},
      [options](Invocation& invocation) { return run_remove(invocation, *options); });
  options->arguments.text(command, "ACCOUNT", "account", "its name or id")->required();
  options->arguments.flag(command, "--with-factor", "with_factor", "also when the app asks for its codes");
  options->consent.add_option(command);
}

}  // namespace

void add_account_commands(CommandTree& tree) {
  CLI::App& group = tree.add_group(
      {.name = "account", .summary = "the logins: add, list, show, set, remove", .details = {}, .examples = {}});
  add_add(tree, group);
  add_account_list(tree, group);
  add_show(tree, group);
  add_set(tree, group);
  add_remove(tree, group);
}

}  // namespace totpilot::cli
