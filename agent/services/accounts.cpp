#include "agent/services/accounts.h"

#include <fmt/ranges.h>

#include "agent/base/counted.h"
#include "agent/enrollment/factor_book.h"
#include "agent/services/account_rules.h"
#include "agent/services/house.h"
#include "agent/services/rows.h"
#include "agent/store/attempts.h"
#include "agent/store/factors.h"
#include "agent/store/recovery_codes.h"

namespace totpilot::services {
namespace {

std::string password_kind(const store::AccountRow& row) {
  if (!row.sealed_password.empty()) return "sealed";
  if (!row.password_file.empty()) return "file";
  if (!row.password_command.empty()) return "command";
  return "none";
}

std::string factor_state(const std::optional<store::FactorRow>& usable, Standing standing) {
  if (usable) return std::string(store::factor_state_name(usable->state));
  return standing == Standing::kCandidate ? "candidate" : "none";
}

AccountView view_of(store::ReadTransaction& transaction, const store::AccountRow& row) {
  const auto usable = enrollment::find_current_factor(transaction, row.id);
  return {.id = row.id,
          .name = row.name,
          .username = row.username,
          .url = row.base_url,
          .app = row.app,
          .origins = row.origins,
          .insecure_http = row.insecure_http,
          .password = password_kind(row),
          .tags = row.tags,
          .notes = row.notes,
          .factor_state = factor_state(usable, standing_of(transaction, row.id)),
          .factor = usable ? usable->id : FactorId(),
          .unused_recovery_codes = store::count_unused_recovery_codes(transaction, row.id),
          .open_enrollment = open_enrollment(transaction, row.id),
          .skew_ms = row.skew_measured ? std::optional(row.skew_ms) : std::nullopt,
          .created = row.created,
          .updated = row.updated};
}

/// Holds an account to its playbook: there must be one of that name, and its origins must be accepted. Gives the app's
/// name.
std::string require_app(House& house, const std::string& app, const std::vector<std::string>& pins) {
  if (!house.playbook_file().empty()) {
    const auto playbook = playbook::PlaybookLibrary::load(house.playbook_file());
    if (!app.empty() && app != playbook.app)
      throw Failure(Outcome::kInvalidInput, fmt::format("{} is the playbook of {}, not of {}",
                                                        house.playbook_file().string(), playbook.app, app));
    require_accepted_origins(playbook.app, playbook.needs_origins, pins);
    return playbook.app;
  }
  if (app.empty()) return app;
  const auto playbook = house.library().find(app);
  require_accepted_origins(playbook.app, playbook.needs_origins, pins);
  return app;
}

void put_password(store::AccountRow& row, const PasswordChoice& password, House& house) {
  if (!password.given()) return;
  if (static_cast<int>(password.sealed.has_value()) + static_cast<int>(!password.file.empty()) +
          static_cast<int>(!password.command.empty()) >
      1)
    throw Failure(Outcome::kInvalidInput, "the password can come from one place only");
  row.password_file = password.file;
  row.password_command = password.command;
  row.sealed_password = password.sealed ? house.vault().seal(vault::password_context(row.id), *password.sealed) : "";
}

void add_to(std::vector<std::string>& list, const std::vector<std::string>& more) {
  for (const std::string& one : more)
    if (std::ranges::find(list, one) == list.end()) list.push_back(one);
}

/// What is asked to go must be there: a slip of the pen must not look like a success.
void take_from(std::vector<std::string>& list, const std::vector<std::string>& gone, std::string_view what) {
  for (const std::string& one : gone)
    if (std::erase(list, one) == 0)
      throw Failure(Outcome::kNotFound, fmt::format("the account has no {} {}", what, one),
                    list.empty() ? "it has none" : fmt::format("it has {}", fmt::join(list, ", ")));
}

std::string origin_text(const std::string& text) {
  const auto origin = Origin::parse(text);
  if (!origin)
    throw Failure(Outcome::kInvalidInput, fmt::format("the origin cannot be used: {}", origin.error()),
                  "write it like https://sso.example");
  return origin->text();
}

/// Address and pins after a change; the first pin follows the address.
void change_address(store::AccountRow& row, const ChangeAccount& request) {
  if (request.insecure_http) row.insecure_http = *request.insecure_http;
  std::vector<std::string> more(row.origins.begin() + (row.origins.empty() ? 0 : 1), row.origins.end());
  for (const std::string& text : request.add_origins) add_to(more, {origin_text(text)});
  std::vector<std::string> gone;
  gone.reserve(request.remove_origins.size());
  for (const std::string& text : request.remove_origins) gone.push_back(origin_text(text));
  if (!row.origins.empty() && !request.url && std::ranges::find(gone, row.origins.front()) != gone.end())
    throw Failure(Outcome::kInvalidInput, "the origin of the account's own address stays pinned",
                  "change the address with --url");
  take_from(more, gone, "pinned origin");
  const BaseAddress address = parse_base_address(request.url.value_or(row.base_url));
  row.base_url = address.url;
  row.origins = make_pins(address, more, row.insecure_http);
}

void apply(store::AccountRow& row, const ChangeAccount& request, House& house) {
  if (request.name) {
    require_account_name(*request.name);
    row.name = *request.name;
  }
  if (request.username) row.username = *request.username;
  change_address(row, request);
  if (request.app) row.app = *request.app;
  row.app = require_app(house, row.app, row.origins);
  if (request.forget_password) {
    row.sealed_password.clear();
    row.password_file.clear();
    row.password_command.clear();
  }
  put_password(row, request.password, house);
  add_to(row.tags, request.add_tags);
  take_from(row.tags, request.remove_tags, "tag");
  if (request.notes) row.notes = *request.notes;
}

/// The TOTP keys of an account that goes, for the escrow file: the row goes, they do not.
std::vector<vault::EscrowEntry> entries_of(store::ReadTransaction& transaction, const store::AccountRow& account) {
  std::vector<vault::EscrowEntry> entries;
  for (const auto& factor : store::list_factors(transaction, account.id))
    entries.push_back({factor, account.name, account.username, account.base_url});
  return entries;
}

/// What no copy is kept of.
std::string lost_with(store::ReadTransaction& transaction, const store::AccountRow& account) {
  const int codes = store::count_unused_recovery_codes(transaction, account.id);
  std::vector<std::string> lost;
  if (codes > 0) lost.push_back(counted(static_cast<std::size_t>(codes), "unused recovery code"));
  if (!account.sealed_password.empty()) lost.emplace_back("the password");
  return fmt::format("its TOTP keys stay in the escrow file{}{}",
                     lost.empty() ? "" : "; gone for good: ", fmt::join(lost, ", "));
}

void require_removable(store::ReadTransaction& transaction, const store::AccountRow& account) {
  const std::string lost = lost_with(transaction, account);
  if (const std::string open = open_enrollment(transaction, account.id); !open.empty())
    throw Failure(
        Outcome::kInvalidInput, fmt::format("an enrollment of {} is not settled ({})", account.name, open),
        fmt::format("totpilot recover {}; or remove it all the same with --with-factor: {}", account.name, lost));
  const auto factor = enrollment::find_current_factor(transaction, account.id);
  if (!factor) return;
  const std::string off =
      account.app.empty() ? fmt::format("turn MFA off in the app first, then totpilot factor retire {}", account.name)
                          : fmt::format("turn MFA off first (totpilot disable {})", account.name);
  throw Failure(Outcome::kInvalidInput,
                fmt::format("{} has a {} factor: the app asks for its codes", account.name,
                            store::factor_state_name(factor->state)),
                fmt::format("{}; or remove it all the same with --with-factor: {}", off, lost));
}

}  // namespace

namespace {

nlohmann::ordered_json without_etag(const AccountView& account) {
  return {{"id", account.id.str()},
          {"name", account.name},
          {"username", account.username},
          {"url", account.url},
          {"app", account.app.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(account.app)},
          {"origins", account.origins},
          {"insecure_http", account.insecure_http},
          {"password", account.password},
          {"tags", account.tags},
          {"notes", account.notes},
          {"factor", json_id(account.factor)},
          {"factor_state", account.factor_state},
          {"unused_recovery_codes", account.unused_recovery_codes},
          {"open_enrollment", account.open_enrollment.empty() ? nlohmann::ordered_json()
                                                              : nlohmann::ordered_json(account.open_enrollment)},
          {"skew_ms", account.skew_ms ? nlohmann::ordered_json(*account.skew_ms) : nlohmann::ordered_json()},
          {"created", to_iso(account.created)},
          {"updated", to_iso(account.updated)}};
}

/// FNV-1a: tells versions apart; nothing is kept safe by it.
std::string fingerprint(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

void require_same(const AccountView& account, const std::string& if_match) {
  if (if_match.empty() || if_match == "*" || if_match == etag_of(account)) return;
  throw Failure(Outcome::kChangedMeanwhile, fmt::format("{} was changed since it was read", account.name));
}

}  // namespace

std::string etag_of(const AccountView& account) { return fingerprint(without_etag(account).dump()); }

nlohmann::ordered_json to_json(const AccountView& account) {
  nlohmann::ordered_json json = without_etag(account);
  json["etag"] = fingerprint(json.dump());
  return json;
}

nlohmann::ordered_json to_json(const AccountPage& page) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& one : page.accounts) list.push_back(to_json(one));
  return {{"accounts", std::move(list)},
          {"next", page.next.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(page.next)}};
}

nlohmann::ordered_json to_json(const RemovedAccount& removed) {
  return {{"removed", removed.name},
          {"kept_factors", removed.kept_factors},
          {"dropped_recovery_codes", removed.dropped_recovery_codes}};
}

task<AccountView> add_account(House& house, AddAccount request) {
  // All that can be refused is refused before anybody is asked for a passphrase.
  require_account_name(request.name);
  if (request.username.empty()) throw Failure(Outcome::kInvalidInput, "the user name is empty");
  store::AccountRow row;
  const BaseAddress address = parse_base_address(request.url);
  row.name = request.name;
  row.username = request.username;
  row.base_url = address.url;
  row.origins = make_pins(address, request.origins, request.insecure_http);
  row.insecure_http = request.insecure_http;
  row.tags = request.tags;
  row.notes = request.notes;
  row.app = co_await house.blocking([&] { return require_app(house, request.app, row.origins); });
  if (request.password.sealed) {
    co_await house.open_vault();
  } else {
    co_await house.open_store();
  }
  row.id = AccountId::make(house.clock().now());
  row.created = row.updated = house.clock().now();
  co_return co_await house.blocking([&] {
    put_password(row, request.password, house);
    return house.store().write([&](store::WriteTransaction& transaction) {
      store::insert_account(transaction, row);
      return view_of(transaction, row);
    });
  });
}

namespace {

/// One row more than the page, if there is one, so that its end is known. Tags are looked at here: rows come in pieces
/// until enough of them have it.
AccountPage page_of(store::ReadTransaction& transaction, const ListAccounts& request) {
  const int piece = request.limit > 0 && request.tag.empty() ? request.limit + 1 : kLargestAccountPage;
  AccountPage page;
  std::string after = request.after;
  for (;;) {
    const auto rows = store::list_accounts_after(transaction, after, piece);
    for (const auto& row : rows) {
      after = row.name;
      if (!request.tag.empty() && std::ranges::find(row.tags, request.tag) == row.tags.end()) continue;
      if (request.limit > 0 && std::ssize(page.accounts) == request.limit) {
        page.next = page.accounts.back().name;
        return page;
      }
      page.accounts.push_back(view_of(transaction, row));
    }
    if (std::ssize(rows) < piece) return page;
  }
}

}  // namespace

task<AccountPage> list_accounts(House& house, ListAccounts request) {
  if (request.limit < 0 || request.limit > kLargestAccountPage)
    throw Failure(Outcome::kInvalidInput, fmt::format("a page has 1 to {} accounts", kLargestAccountPage));
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().read([&](store::ReadTransaction& transaction) { return page_of(transaction, request); });
  });
}

task<std::vector<AccountView>> list_accounts(House& house, std::string tag) {
  co_return (co_await list_accounts(house, ListAccounts{.tag = std::move(tag)})).accounts;
}

task<AccountView> show_account(House& house, std::string account) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().read([&](store::ReadTransaction& transaction) {
      return view_of(transaction, store::require_account(transaction, account));
    });
  });
}

task<AccountView> change_account(House& house, ChangeAccount request) {
  if (request.password.sealed) {
    co_await house.open_vault();
  } else {
    co_await house.open_store();
  }
  co_return co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      store::AccountRow row = store::require_account(transaction, request.account);
      require_same(view_of(transaction, row), request.if_match);
      const bool had_sealed = !row.sealed_password.empty();
      apply(row, request, house);
      row.updated = house.clock().now();
      store::update_account(transaction, row);
      if (request.password.given())  // what the app refused of the old one says nothing of this one
        store::clear_attempts(transaction, row.id, store::AttemptKind::kPassword);
      if (had_sealed && (request.password.given() || request.forget_password)) transaction.scrub_after_commit();
      return view_of(transaction, row);
    });
  });
}

task<RemovedAccount> remove_account(House& house, RemoveAccount request) {
  co_await house.open_store();
  store::AccountRow account;
  int codes = 0;
  const auto entries = co_await house.blocking([&] {
    return house.store().read([&](store::ReadTransaction& transaction) {
      account = store::require_account(transaction, request.account);
      require_same(view_of(transaction, account), request.if_match);
      if (!request.with_factor) require_removable(transaction, account);
      codes = store::count_unused_recovery_codes(transaction, account.id);
      return entries_of(transaction, account);
    });
  });
  if (!entries.empty()) co_await house.open_vault();
  co_return co_await house.blocking([&] {
    // First the copies are durable, then the rows go.
    for (const auto& entry : entries) house.vault().escrow().append(entry);
    house.store().write([&](store::WriteTransaction& transaction) {
      if (!request.if_match.empty())
        require_same(view_of(transaction, store::require_account(transaction, account.id.str())), request.if_match);
      store::delete_account(transaction, account.id);
      transaction.scrub_after_commit();
    });
    return RemovedAccount{account.name, static_cast<int>(entries.size()), codes};
  });
}

}  // namespace totpilot::services
