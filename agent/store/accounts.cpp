#include "agent/store/accounts.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/store/query.h"

namespace totpilot::store {
namespace {

constexpr std::string_view kSelectAccounts =
    "SELECT id, name, username, base_url, app, origins, insecure_http, sealed_password, password_command, "
    "password_file, tags, "
    "notes, skew_ms, skew_measured, created, updated FROM accounts ";

AccountRow read_account(Row& row) {
  AccountRow account;
  account.id = row.id<AccountId>();
  account.name = row.text();
  account.username = row.text();
  account.base_url = row.text();
  account.app = row.text();
  account.origins = row.texts();
  account.insecure_http = row.flag();
  account.sealed_password = row.text();
  account.password_command = row.text();
  account.password_file = row.text();
  account.tags = row.texts();
  account.notes = row.text();
  account.skew_ms = row.integer();
  account.skew_measured = row.maybe_time();
  account.created = row.time();
  account.updated = row.time();
  return account;
}

[[noreturn]] void name_taken(const AccountRow& account) {
  throw Failure(Outcome::kAlreadyExists, fmt::format("there is an account named {} already", account.name));
}

void require_there(std::int64_t changed, const AccountId& id) {
  if (changed == 0) throw Failure(Outcome::kNotFound, fmt::format("there is no account {}", id.str()));
}

/// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row.back();
}

}  // namespace

void insert_account(WriteTransaction& transaction, const AccountRow& account) {
  Query insert(transaction,
               "INSERT INTO accounts (id, name, username, base_url, app, origins, insecure_http, sealed_password, "
               "password_command, password_file, tags, notes, skew_ms, skew_measured, created, updated) "
               "VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n, :o, :p) ON CONFLICT DO NOTHING");
  insert.with(account.id).with(account.name).with(account.username).with(account.base_url).with(account.app);
  insert.with(account.origins).with(account.insecure_http).with(account.sealed_password).with(account.password_command);
  insert.with(account.password_file).with(account.tags).with(account.notes).with(account.skew_ms);
  insert.with(account.skew_measured).with(account.created).with(account.updated);
  if (insert.run() == 0) name_taken(account);
}

void update_account(WriteTransaction& transaction, const AccountRow& account) {
  const std::optional<AccountRow> namesake = find_account_by_name(transaction, account.name);
  if (namesake && namesake->id != account.id) name_taken(account);
  const std::optional<AccountRow> before = find_account(transaction, account.id);
  // A replaced password is to be gone from the disk, not only from the table.
  if (before && before->sealed_password != account.sealed_password && !before->sealed_password.empty())
    transaction.scrub_after_commit();
  Query update(
      transaction,
      "UPDATE accounts SET name = :a, username = :b, base_url = :c, app = :d, origins = :e, insecure_http = :f, "
      "sealed_password = :g, password_command = :h, password_file = :i, tags = :j, notes = :k, skew_ms = :l, "
      "skew_measured = :m, updated = :n WHERE id = :o");
  update.with(account.name).with(account.username).with(account.base_url).with(account.app).with(account.origins);
  update.with(account.insecure_http).with(account.sealed_password).with(account.password_command);
  update.with(account.password_file).with(account.tags).with(account.notes).with(account.skew_ms);
  update.with(account.skew_measured).with(account.updated).with(account.id);
  require_there(update.run(), account.id);
}

void set_account_skew(WriteTransaction& transaction, const AccountId& id, std::int64_t skew_ms, TimePoint at) {
  Query update(transaction, "UPDATE accounts SET skew_ms = :a, skew_measured = :b WHERE id = :c");
  require_there(update.with(skew_ms).with(at).with(id).run(), id);
}

bool delete_account(WriteTransaction& transaction, const AccountId& id) {
  transaction.scrub_after_commit();
  return Query(transaction, "DELETE FROM accounts WHERE id = :a").with(id).run() > 0;
}

std::optional<AccountRow> find_account(ReadTransaction& transaction, const AccountId& id) {
  return Query(transaction, std::string(kSelectAccounts) + "WHERE id = :a").with(id).first(read_account);
}

std::optional<AccountRow> find_account_by_name(ReadTransaction& transaction, std::string_view name) {
  return Query(transaction, std::string(kSelectAccounts) + "WHERE name = :a").with(name).first(read_account);
}

AccountRow require_account(ReadTransaction& transaction, std::string_view name_or_id) {
  if (auto found = find_account_by_name(transaction, name_or_id)) return *found;
  if (auto found = find_account(transaction, AccountId::from(std::string(name_or_id)))) return *found;
  std::string close;
  for (const AccountRow& account : list_accounts(transaction)) {
    const bool similar = account.name.starts_with(name_or_id) || name_or_id.starts_with(account.name) ||
                         distance(account.name, name_or_id) <= 2;
    if (similar) close += (close.empty() ? "" : ", ") + account.name;
  }
  throw Failure(Outcome::kNotFound, fmt::format("there is no account {}", name_or_id),
                close.empty() ? "totpilot account list" : "did you mean: " + close);
}

std::vector<AccountRow> list_accounts(ReadTransaction& transaction) {
  return Query(transaction, std::string(kSelectAccounts) + "ORDER BY name").all(read_account);
}

std::vector<AccountRow> list_accounts_after(ReadTransaction& transaction, std::string_view name, int limit) {
  return Query(transaction, std::string(kSelectAccounts) + "WHERE name > :a ORDER BY name LIMIT :b")
      .with(name)
      .with(limit)
      .all(read_account);
}

}  // namespace totpilot::store
