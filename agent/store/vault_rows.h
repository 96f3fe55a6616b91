#pragma once
// The vault's own tables, and the sealed columns of all others as one list, so that a key can be rotated. For
// agent/vault alone.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/store/rows.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

void insert_vault_slot(WriteTransaction& transaction, const VaultSlotRow& slot);
void update_vault_slot(WriteTransaction& transaction, const VaultSlotRow& slot);
bool delete_vault_slot(WriteTransaction& transaction, std::string_view id);
std::vector<VaultSlotRow> list_vault_slots(ReadTransaction& transaction);

void insert_vault_key(WriteTransaction& transaction, const VaultKeyRow& key);
void update_vault_key(WriteTransaction& transaction, const VaultKeyRow& key);
bool delete_vault_key(WriteTransaction& transaction, const KeyId& id);
std::vector<VaultKeyRow> list_vault_keys(ReadTransaction& transaction);

enum class SealedColumn { kAccountPassword, kFactorSecret, kRecoveryCode, kSessionState, kJobAnswer, kMemberTotp };

/// One sealed text and where it is. `record` is the row's id, and the record that it is sealed for.
struct SealedCell {
  SealedColumn column = SealedColumn::kAccountPassword;
  std::string record;
  std::string sealed;
};

/// Sealed texts in the order (column, record), after the given place; at most `limit`. Empty ones are left out.
std::vector<SealedCell> list_sealed(ReadTransaction& transaction, const std::optional<SealedCell>& after, int limit);
/// Replaces a sealed text if it is still `cell.sealed`. False when it has changed or gone.
bool replace_sealed(WriteTransaction& transaction, const SealedCell& cell, std::string_view sealed);

}  // namespace totpilot::store
