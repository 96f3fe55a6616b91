#pragma once
// Accounts: the logins we keep. Whoever names an account may give its name or its id.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "agent/base/clock.h"
#include "agent/base/id.h"
#include "agent/base/secret.h"

namespace totpilot::services {

class House;

/// Where the account's password comes from at each login. At most one is given.
struct PasswordChoice {
  std::optional<Secret> sealed;  // kept in the vault
  std::string file;              // read at each login
  std::string command;           // run by /bin/sh -c at each login
  bool given() const { return sealed.has_value() || !file.empty() || !command.empty(); }
};

struct AddAccount {
  std::string name;
  std::string username;
  std::string url;                   // its origin is pinned
  std::string app;                   // playbook; empty: self-managed, done by hand
  std::vector<std::string> origins;  // further pins
  bool insecure_http = false;        // http to another machine is wanted
  PasswordChoice password;
  std::vector<std::string> tags;
  std::string notes;
};

struct ChangeAccount {
  std::string account;
  std::optional<std::string> name;
  std::optional<std::string> username;
  std::optional<std::string> url;
  std::optional<std::string> app;  // empty: self-managed from now on
  std::vector<std::string> add_origins;
  std::vector<std::string> remove_origins;
  std::optional<bool> insecure_http;
  PasswordChoice password;
  bool forget_password = false;
  std::vector<std::string> add_tags;
  std::vector<std::string> remove_tags;
  std::optional<std::string> notes;
  std::string if_match;  // the etag that the account must still have; empty: any
};

struct RemoveAccount {
  std::string account;
  bool with_factor = false;  // also when a factor is confirmed or live: the app will go on asking for its codes
  std::string if_match{};    // as in ChangeAccount
};

/// An account as others may see it: everything but secrets.
struct AccountView {
  AccountId id;
  std::string name;
  std::string username;
  std::string url;
  std::string app;  // empty: self-managed
  std::vector<std::string> origins;
  bool insecure_http = false;
  std::string password;  // "sealed", "file", "command", "none"
  std::vector<std::string> tags;
  std::string notes;
  std::string
      factor_state;  // of the factor whose codes are handed out: "live", "confirmed"; else "candidate" or "none"
  FactorId factor;
  int unused_recovery_codes = 0;
  std::string open_enrollment;  // the state an interrupted run was left in; empty: none
  std::optional<std::int64_t> skew_ms;
  TimePoint created;
  TimePoint updated;
};

/// With its etag, which changes whenever anything else in it does.
nlohmann::ordered_json to_json(const AccountView& account);
std::string etag_of(const AccountView& account);

inline constexpr int kAccountPage = 100;
inline constexpr int kLargestAccountPage = 500;

struct ListAccounts {
  std::string tag{};    // only those with it; empty: all
  std::string after{};  // the `next` of the page before; empty: from the start
  int limit = 0;        // zero: all there are
};

struct AccountPage {
  std::vector<AccountView> accounts;  // by name
  std::string next;                   // empty: this was the last page
};

nlohmann::ordered_json to_json(const AccountPage& page);

struct RemovedAccount {
  std::string name;
  int kept_factors = 0;            // TOTP keys that stay in the escrow file, used or not
  int dropped_recovery_codes = 0;  // unused ones, of which no copy is kept
};

nlohmann::ordered_json to_json(const RemovedAccount& removed);

/// account.add. invalid_input for a bad name, address or origin, for plain http without insecure_http, for an app's
/// origins that were not accepted; no_playbook for an unknown app; already_exists.
task<AccountView> add_account(House& house, AddAccount request);

/// account.list, by name; only those with `tag` unless it is empty.
task<std::vector<AccountView>> list_accounts(House& house, std::string tag);

/// The same, a page at a time. invalid_input for a limit that no page can have.
task<AccountPage> list_accounts(House& house, ListAccounts request);

/// account.show. not_found names the nearest account.
task<AccountView> show_account(House& house, std::string account);

/// account.set. changed_meanwhile when it is no longer the one of if_match.
task<AccountView> change_account(House& house, ChangeAccount request);

/// account.remove: the TOTP keys stay in the escrow file, recovery codes and password go. invalid_input when a factor
/// is in use and with_factor is not set, or when an enrollment is open.
task<RemovedAccount> remove_account(House& house, RemoveAccount request);

}  // namespace totpilot::services
