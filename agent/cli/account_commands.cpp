#include <CLI/CLI.hpp>

#include "agent/base/counted.h"
#include "agent/cli/command.h"
#include "agent/cli/consent.h"
#include "agent/cli/terminal.h"
#include "agent/cli/usage.h"
#include "agent/cli/view.h"
#include "agent/services/accounts.h"

namespace totpilot::cli {
namespace {

/// What add and set share: where the password comes from.
struct PasswordOptions {
  SecretSource source{"password"};
  bool each_time = false;

  void add_to(CLI::App& command) {
    source.add_options(command);
    command.add_flag("--each-time", each_time,
                     "keep the file or command, not the password: it is asked for at each login");
  }

  services::PasswordChoice choice() const {
    services::PasswordChoice choice;
    if (each_time) {
      if (source.file().empty() && source.command().empty())
        throw Failure(Outcome::kUsage, "--each-time needs --password-file or --password-command");
      choice.file = source.file().empty() ? "" : std::filesystem::absolute(source.file()).string();
      choice.command = source.command();
    } else if (source.given()) {
      choice.sealed = source.read();
    }
    return choice;
  }
};

struct AddOptions {
  services::AddAccount request;
  PasswordOptions password;
  bool no_password = false;
};

int run_add(Invocation& invocation, AddOptions& options) {
  services::AddAccount& request = options.request;
  invocation.set_subject(request.name);
  request.password = options.password.choice();
  if (!request.password.given() && !options.no_password && can_ask() && !invocation.out().json())
    request.password.sealed =
        ask_secret(fmt::format("password of {}", printable(request.username)), options.password.source.hint());
  if (request.password.sealed && request.password.sealed->empty()) request.password.sealed.reset();
  const std::string name = request.name;
  const auto account = invocation.run(services::Act{"account.add", name, {}, {}},
                                      services::add_account(invocation.house(), std::move(request)));
  Output& out = invocation.out();
  out.document(services::to_json(account));
  out.line(fmt::format("added {} ({})", account.name, account.id.str()));
  out.note(fmt::format("secrets of this account are typed only into: {}", joined(account.origins, ", ")));
  if (account.app.empty())
    out.note(
        fmt::format("no --app was given: the account is self-managed; keep its secret with totpilot factor import {}",
                    account.name));
  if (account.password == "none")
    out.note(fmt::format("no password is stored; give it with totpilot account set {} --password-stdin", account.name));
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
  command.add_option("NAME", options->request.name, "what you will call it: letters, digits and . _ @ + -")->required();
  command.add_option("--url", options->request.url, "the app's base address, with its path if it has one")
      ->required()
      ->type_name("URL");
  command.add_option("--username", options->request.username, "what is typed as user name")
      ->required()
      ->type_name("NAME");
  command.add_option("--app", options->request.app, "the playbook to follow; see totpilot playbook list")
      ->type_name("APP");
  command.add_option("--origin", options->request.origins, "a further origin where secrets may be typed (repeatable)")
      ->type_name("ORIGIN")
      ->allow_extra_args(false);
  command.add_flag("--insecure-http", options->request.insecure_http,
                   "accept an address that is neither https nor on this machine");
  command.add_option("--tag", options->request.tags, "a word to find it by (repeatable)")
      ->type_name("TAG")
      ->allow_extra_args(false);
  command.add_option("--notes", options->request.notes, "free text; no secrets")->type_name("TEXT");
  options->password.add_to(command);
  auto* none = command.add_flag("--no-password", options->no_password, "store none and do not ask");
  for (const char* given : {"--password-file", "--password-command", "--password-stdin", "--each-time"})
    none->excludes(command.get_option(given));
}

void add_account_list(CommandTree& tree, CLI::App& group) {
  auto tag = std::make_shared<std::string>();
  CLI::App& command = tree.add(
      group,
      {.name = "list",
       .summary = "list accounts",
       .details = {},
       .examples = {"totpilot account list --tag ci", "totpilot account list --json"}},
      [tag](Invocation& invocation) {
        const auto accounts = invocation.run(services::list_accounts(invocation.house(), *tag));
        nlohmann::ordered_json list = nlohmann::ordered_json::array();
        std::vector<std::vector<std::string>> rows{{"NAME", "APP", "USER NAME", "ADDRESS", "FACTOR", "RECOVERY CODES"}};
        for (const auto& one : accounts) {
          list.push_back(services::to_json(one));
          rows.push_back(
              {one.name, one.app.empty() ? "-" : one.app, printable(one.username), one.url,
               one.open_enrollment.empty() ? one.factor_state : one.factor_state + " (" + one.open_enrollment + ")",
               one.factor.empty() ? "-" : std::to_string(one.unused_recovery_codes)});
        }
        Output& out = invocation.out();
        out.document({{"accounts", std::move(list)}});
        if (accounts.empty() && !tag->empty()) {
          out.note(fmt::format("no account has the tag {}", printable(*tag)));
        } else if (accounts.empty()) {
          out.note("there is no account yet; totpilot account add --help");
        } else {
          out.table(rows);
        }
        return 0;
      });
  command.add_option("--tag", *tag, "only those with this tag")->type_name("TAG");
}

void add_show(CommandTree& tree, CLI::App& group) {
  auto name = std::make_shared<std::string>();
  CLI::App& command = tree.add(group,
                               {.name = "show",
                                .summary = "show an account, without secrets",
                                .details = {},
                                .examples = {"totpilot account show work"}},
                               [name](Invocation& invocation) {
                                 invocation.set_subject(*name);
                                 const auto account = invocation.run(services::show_account(invocation.house(), *name));
                                 invocation.out().document(services::to_json(account));
                                 show_account_fields(invocation.out(), account);
                                 return 0;
                               });
  command.add_option("ACCOUNT", *name, "its name or id")->required();
}

struct SetOptions {
  services::ChangeAccount request;
  PasswordOptions password;
  bool secure_http = false;
  bool no_app = false;
  bool insecure_http = false;
  const CLI::App* command = nullptr;
};

int run_set(Invocation& invocation, SetOptions& options) {
  invocation.set_subject(options.request.account);
  if (options_given(*options.command) == 0)
    throw Failure(Outcome::kUsage, "it was not said what to change", "give one of " + options_of(*options.command));
  options.request.password = options.password.choice();
  if (options.insecure_http) options.request.insecure_http = true;
  if (options.secure_http) options.request.insecure_http = false;
  if (options.no_app) options.request.app = "";
  const std::string name = options.request.account;
  const auto account = invocation.run(services::Act{"account.set", name, {}, {}},
                                      services::change_account(invocation.house(), std::move(options.request)));
  invocation.out().document(services::to_json(account));
  show_account_fields(invocation.out(), account);
  return 0;
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
  services::ChangeAccount& request = options->request;
  command.add_option("ACCOUNT", request.account, "its name or id")->required();
  command.add_option("--name", request.name, "a new name")->type_name("NAME");
  command.add_option("--username", request.username, "a new user name")->type_name("NAME");
  command.add_option("--url", request.url, "a new base address")->type_name("URL");
  auto* app = command.add_option("--app", request.app, "another playbook")->type_name("APP");
  command.add_flag("--no-app", options->no_app, "self-managed from now on")->excludes(app);
  command.add_option("--add-origin", request.add_origins, "pin a further origin (repeatable)")
      ->type_name("ORIGIN")
      ->allow_extra_args(false);
  command.add_option("--remove-origin", request.remove_origins, "take a pin away (repeatable)")
      ->type_name("ORIGIN")
      ->allow_extra_args(false);
  auto* insecure = command.add_flag("--insecure-http", options->insecure_http, "accept plain http to another machine");
  command.add_flag("--no-insecure-http", options->secure_http, "accept it no longer")->excludes(insecure);
  command.add_option("--add-tag", request.add_tags, "add a tag (repeatable)")
      ->type_name("TAG")
      ->allow_extra_args(false);
  command.add_option("--remove-tag", request.remove_tags, "remove a tag (repeatable)")
      ->type_name("TAG")
      ->allow_extra_args(false);
  command.add_option("--notes", request.notes, "free text; no secrets")->type_name("TEXT");
  options->password.add_to(command);
  command.add_flag("--forget-password", request.forget_password, "store no password any longer");
}

struct RemoveOptions {
  services::RemoveAccount request;
  Consent consent;
};

int run_remove(Invocation& invocation, RemoveOptions& options) {
  invocation.set_subject(options.request.account);
  options.consent.require(fmt::format("remove {}?", printable(options.request.account)), "nothing was removed");
  const auto removed = invocation.run(services::Act{"account.remove", options.request.account, {}, {}},
                                      services::remove_account(invocation.house(), options.request));
  invocation.out().document(services::to_json(removed));
  invocation.out().line(fmt::format("removed {}", removed.name));
  if (removed.kept_factors > 0)
    invocation.out().note(fmt::format(
        "of it {} in the escrow file (totpilot factor list --escrow); totpilot factor export takes one out by its id",
        counted(static_cast<std::size_t>(removed.kept_factors), "TOTP key stays", "TOTP keys stay")));
  if (removed.dropped_recovery_codes > 0)
    invocation.out().note(
        fmt::format("gone for good: {}", counted(static_cast<std::size_t>(removed.dropped_recovery_codes),
                                                 "unused recovery code of it", "unused recovery codes of it")));
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
  command.add_option("ACCOUNT", options->request.account, "its name or id")->required();
  command.add_flag("--with-factor", options->request.with_factor, "also when the app asks for its codes");
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
