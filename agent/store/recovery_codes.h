#pragma once
// Recovery codes: each an item of its own.
#include <optional>
#include <string_view>
#include <vector>

#include "agent/store/rows.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

void insert_recovery_codes(WriteTransaction& transaction, const std::vector<RecoveryCodeRow>& codes);
/// False when it is not unused (any more).
bool use_recovery_code(WriteTransaction& transaction, const RecoveryCodeId& id, std::string_view by, TimePoint at);
/// The unused ones of an account whose app gave new ones become `replaced`, except those of `keep`. Returns how many.
int replace_recovery_codes(WriteTransaction& transaction, const AccountId& account, const FactorId& keep);
/// One that is unused becomes `replaced`. False when it is not unused (any more).
bool replace_recovery_code(WriteTransaction& transaction, const RecoveryCodeId& id);

std::optional<RecoveryCodeRow> find_recovery_code(ReadTransaction& transaction, const RecoveryCodeId& id);
/// Newest factor first, then by position.
std::vector<RecoveryCodeRow> list_recovery_codes(ReadTransaction& transaction, const AccountId& account);
int count_unused_recovery_codes(ReadTransaction& transaction, const AccountId& account);

}  // namespace totpilot::store
