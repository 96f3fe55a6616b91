#include <array>

#include "agent/services/accounts.h"
#include "agent/services/name_account.h"
#include "agent/services/perform.h"

namespace totpilot::services {
namespace {

using enum Scope;

void seal_new_password(AddAccount& request, Secret password) { request.password.sealed = std::move(password); }
void new_password_file(AddAccount& request, std::string file) { request.password.file = std::move(file); }
void new_password_command(AddAccount& request, std::string command) { request.password.command = std::move(command); }
void seal_password(ChangeAccount& request, Secret password) { request.password.sealed = std::move(password); }
void password_file(ChangeAccount& request, std::string file) { request.password.file = std::move(file); }
void password_command(ChangeAccount& request, std::string command) { request.password.command = std::move(command); }

constexpr Form kAddAccount{
    text("name", &AddAccount::name, kRequired, "what it is called here, as in redmine-alice"),
    text("username", &AddAccount::username, kRequired, "whom it signs in as"),
    text("url", &AddAccount::url, kRequired, "the app's address; its origin is pinned"),
    text("app", &AddAccount::app, kOptional, "the app's playbook; without one the account is done by hand"),
    texts("origins", &AddAccount::origins, "further origins that may be given secrets"),
    flag("insecure_http", &AddAccount::insecure_http, "plain http to another machine is wanted"),
    secret("password", &seal_new_password, kOptional, "kept in the vault"),
    text("password_file", &new_password_file, kOptional, "read at each login; only from the machine itself"),
    text("password_command", &new_password_command, kOptional, "run at each login; only from the machine itself"),
    texts("tags", &AddAccount::tags, "words to find it by"),
    text("notes", &AddAccount::notes, kOptional, "for people"),
};

constexpr Form kListAccounts{
    text("tag", &ListAccounts::tag, kOptional, "only accounts with this tag"),
    text("after", &ListAccounts::after, kOptional, "the `next` of the page before"),
    integer("limit", &ListAccounts::limit, kOptional, "how many at most: 1 to 500; 100 when not given"),
};

constexpr Form kChangeAccount{
    text("account", &ChangeAccount::account, kRequired, "the account's name or id"),
    text("name", &ChangeAccount::name, kOptional, "another name"),
    text("username", &ChangeAccount::username, kOptional, "another user name"),
    text("url", &ChangeAccount::url, kOptional, "another address; the first pin follows it"),
    text("app", &ChangeAccount::app, kOptional, "another playbook; empty: done by hand from now on"),
    texts("add_origins", &ChangeAccount::add_origins, "origins to pin"),
    texts("remove_origins", &ChangeAccount::remove_origins, "origins to pin no longer"),
    flag("insecure_http", &ChangeAccount::insecure_http, "plain http to another machine is wanted"),
    secret("password", &seal_password, kOptional, "kept in the vault from now on"),
    text("password_file", &password_file, kOptional, "read at each login; only from the machine itself"),
    text("password_command", &password_command, kOptional, "run at each login; only from the machine itself"),
    flag("forget_password", &ChangeAccount::forget_password, "keep no password any more"),
    texts("add_tags", &ChangeAccount::add_tags, "tags to add"),
    texts("remove_tags", &ChangeAccount::remove_tags, "tags to take away"),
    text("notes", &ChangeAccount::notes, kOptional, "other notes"),
    text("if_match", &ChangeAccount::if_match, kOptional, "the `etag` that the account must still have"),
};

constexpr Form kRemoveAccount{
    text("account", &RemoveAccount::account, kRequired, "the account's name or id"),
    flag("with_factor", &RemoveAccount::with_factor, "also when the app goes on asking for its codes"),
    text("if_match", &RemoveAccount::if_match, kOptional, "the `etag` that the account must still have"),
};

/// A command is run, and a file read, as the user of this program: who may only change accounts must not gain that.
void require_at_home(const Call& call, const PasswordChoice& password) {
  if (call.caller.at_home || (password.command.empty() && password.file.empty())) return;
  throw Failure(Outcome::kForbidden, "a password's file or command is named on the machine itself only",
                "give the password to be kept in the vault, or run totpilot account set on the machine");
}

task<nlohmann::ordered_json> run_add_account(Call& call) {
  AddAccount request = kAddAccount.read(call.arguments);
  require_at_home(call, request.password);
  co_return to_json(co_await add_account(call.house, std::move(request)));
}

task<nlohmann::ordered_json> run_list_accounts(Call& call) {
  ListAccounts request = kListAccounts.read(call.arguments);
  if (!call.arguments.contains("limit")) request.limit = kAccountPage;
  co_return to_json(co_await list_accounts(call.house, std::move(request)));
}

task<nlohmann::ordered_json> run_show_account(Call& call) {
  co_return to_json(co_await show_account(call.house, kNameAccount.read(call.arguments).account));
}

task<nlohmann::ordered_json> run_change_account(Call& call) {
  ChangeAccount request = kChangeAccount.read(call.arguments);
  require_at_home(call, request.password);
  co_return to_json(co_await change_account(call.house, std::move(request)));
}

task<nlohmann::ordered_json> run_remove_account(Call& call) {
  co_return to_json(co_await remove_account(call.house, kRemoveAccount.read(call.arguments)));
}

constexpr std::array kAccountRows = {
    Operation{"account.add", kManage, "adds an account and pins its origins", Verb::kPost, "/accounts",
              kAddAccount.fields(), &run_add_account},
    Operation{"account.list", kRead, "lists accounts, without secrets", Verb::kGet, "/accounts", kListAccounts.fields(),
              &run_list_accounts},
    Operation{"account.remove", kManage, "removes an account; copies of its TOTP keys stay in the escrow file",
              Verb::kDelete, "/accounts/{account}", kRemoveAccount.fields(), &run_remove_account},
    Operation{"account.set", kManage, "changes an account", Verb::kPatch, "/accounts/{account}",
              kChangeAccount.fields(), &run_change_account},
    Operation{"account.show", kRead, "shows an account, without secrets", Verb::kGet, "/accounts/{account}",
              kNameAccount.fields(), &run_show_account},
};

}  // namespace

std::span<const Operation> account_operations() { return kAccountRows; }

}  // namespace totpilot::services
