#pragma once
// Keeping recovery codes inside somebody's transaction: the book's own, or the journal's. For this room.
#include <vector>

#include "agent/base/clock.h"
#include "agent/base/secret.h"
#include "agent/store/rows.h"
#include "agent/store/store.h"

namespace totpilot::vault {
class Vault;
}

namespace totpilot::enrollment {

/// The codes as rows, sealed. invalid_input for none, for an empty one, for doubles, for more than 100.
std::vector<store::RecoveryCodeRow> sealed_codes(const AccountId& account, const FactorId& factor,
                                                 const std::vector<Secret>& codes, TimePoint now, vault::Vault& vault);

/// Reads the rows through another connection and compares what the vault gives back. storage_failed when a code is
/// missing or different.
void verify_codes(const std::vector<store::RecoveryCodeRow>& rows, const std::vector<Secret>& codes,
                  store::Store& store, const vault::Vault& vault);

/// The account's unused codes kept in [from, before) are replaced.
void replace_codes(store::WriteTransaction& transaction, const AccountId& account, TimePoint from, TimePoint before);

/// Puts the rows of one set in the place of the account's unused codes kept since `from`. Does nothing where they are
/// there already: a commit that left a doubt is repeated.
void enter_codes(store::WriteTransaction& transaction, const std::vector<store::RecoveryCodeRow>& rows, TimePoint from);

}  // namespace totpilot::enrollment
