#pragma once
// Accounts: the logins we know.
#include <optional>
#include <string_view>
#include <vector>

#include "agent/store/rows.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

/// Throws already_exists when the name is taken.
void insert_account(WriteTransaction& transaction, const AccountRow& account);
/// All columns but id and created. Throws not_found, or already_exists when the new name is taken.
void update_account(WriteTransaction& transaction, const AccountRow& account);
/// The app's clock minus ours, as measured at `at`; touches nothing else. Throws not_found.
void set_account_skew(WriteTransaction& transaction, const AccountId& id, std::int64_t skew_ms, TimePoint at);
/// With everything that belongs to it: a person's decision, never the machine's. False when there was none.
bool delete_account(WriteTransaction& transaction, const AccountId& id);

std::optional<AccountRow> find_account(ReadTransaction& transaction, const AccountId& id);
std::optional<AccountRow> find_account_by_name(ReadTransaction& transaction, std::string_view name);
/// By name or id, as a person gives it. Throws not_found, naming what is close.
AccountRow require_account(ReadTransaction& transaction, std::string_view name_or_id);
/// By name.
std::vector<AccountRow> list_accounts(ReadTransaction& transaction);
/// By name, those that come after `name`, at most `limit`.
std::vector<AccountRow> list_accounts_after(ReadTransaction& transaction, std::string_view name, int limit);

}  // namespace totpilot::store
