#include "agent/store/vault_rows.h"

#include <fmt/format.h>

#include <array>

#include "agent/store/query.h"
#include "agent/store/row_names.h"

namespace totpilot::store {
namespace {

struct ColumnName {
  SealedColumn column;
  std::string_view table;
  std::string_view name;
};
// One more sealed column of the schema: one more line here, or a rotated key would lose it (the vault's tests count).
constexpr std::array kSealedColumns = {
    ColumnName{SealedColumn::kAccountPassword, "accounts", "sealed_password"},
    ColumnName{SealedColumn::kFactorSecret, "factors", "sealed_secret"},
    ColumnName{SealedColumn::kRecoveryCode, "recovery_codes", "sealed_code"},
    ColumnName{SealedColumn::kSessionState, "sessions", "sealed_state"},
    ColumnName{SealedColumn::kJobAnswer, "jobs", "sealed_answer"},
    ColumnName{SealedColumn::kMemberTotp, "members", "sealed_totp"},
};

VaultSlotRow read_slot(Row& row) {
  VaultSlotRow slot;
  slot.id = row.text();
  slot.kind = row.text();
  slot.parameters = row.text();
  slot.sealed_root = row.text();
  slot.created = row.time();
  return slot;
}

VaultKeyRow read_key(Row& row) {
  VaultKeyRow key;
  key.id = row.id<KeyId>();
  key.state = value_in(kKeyStates, row.text());
  key.sealed_key = row.text();
  key.created = row.time();
  return key;
}

void require_changed(std::int64_t changed, std::string_view what) {
  if (changed != 1) throw Failure(Outcome::kNotFound, fmt::format("the vault has no such {}", what));
}

}  // namespace

void insert_vault_slot(WriteTransaction& transaction, const VaultSlotRow& slot) {
  Query insert(transaction,
               "INSERT INTO vault_slots (id, kind, parameters, sealed_root, created) VALUES (:a, :b, :c, :d, :e)");
  insert.with(slot.id).with(slot.kind).with(slot.parameters).with(slot.sealed_root).with(slot.created).run();
}

void update_vault_slot(WriteTransaction& transaction, const VaultSlotRow& slot) {
  Query update(transaction, "UPDATE vault_slots SET parameters = :a, sealed_root = :b, created = :c WHERE id = :d");
  require_changed(update.with(slot.parameters).with(slot.sealed_root).with(slot.created).with(slot.id).run(), "slot");
  transaction.scrub_after_commit();
}

bool delete_vault_slot(WriteTransaction& transaction, std::string_view id) {
  transaction.scrub_after_commit();
  return Query(transaction, "DELETE FROM vault_slots WHERE id = :a").with(id).run() == 1;
}

std::vector<VaultSlotRow> list_vault_slots(ReadTransaction& transaction) {
  return Query(transaction, "SELECT id, kind, parameters, sealed_root, created FROM vault_slots ORDER BY created, id")
      .all(read_slot);
}

void insert_vault_key(WriteTransaction& transaction, const VaultKeyRow& key) {
  Query insert(transaction, "INSERT INTO vault_keys (id, state, sealed_key, created) VALUES (:a, :b, :c, :d)");
  insert.with(key.id).with(name_in(kKeyStates, key.state)).with(key.sealed_key).with(key.created).run();
}

void update_vault_key(WriteTransaction& transaction, const VaultKeyRow& key) {
  Query update(transaction, "UPDATE vault_keys SET state = :a, sealed_key = :b WHERE id = :c");
  require_changed(update.with(name_in(kKeyStates, key.state)).with(key.sealed_key).with(key.id).run(), "key");
  transaction.scrub_after_commit();
}

bool delete_vault_key(WriteTransaction& transaction, const KeyId& id) {
  transaction.scrub_after_commit();
  return Query(transaction, "DELETE FROM vault_keys WHERE id = :a").with(id).run() == 1;
}

std::vector<VaultKeyRow> list_vault_keys(ReadTransaction& transaction) {
  return Query(transaction, "SELECT id, state, sealed_key, created FROM vault_keys ORDER BY created, id").all(read_key);
}

std::vector<SealedCell> list_sealed(ReadTransaction& transaction, const std::optional<SealedCell>& after, int limit) {
  std::vector<SealedCell> cells;
  for (const ColumnName& column : kSealedColumns) {
    if (after && column.column < after->column) continue;
    const std::string from = after && column.column == after->column ? after->record : std::string();
    const int wanted = limit - static_cast<int>(cells.size());
    if (wanted <= 0) break;
    Query query(transaction, fmt::format("SELECT id, {1} FROM {0} WHERE id > :a AND {1} <> '' ORDER BY id LIMIT :b",
                                         column.table, column.name));
    query.with(from).with(wanted).each([&](Row& row) {
      SealedCell cell;
      cell.column = column.column;
      cell.record = row.text();
      cell.sealed = row.text();
      cells.push_back(std::move(cell));
    });
  }
  return cells;
}

bool replace_sealed(WriteTransaction& transaction, const SealedCell& cell, std::string_view sealed) {
  for (const ColumnName& column : kSealedColumns) {
    if (column.column != cell.column) continue;
    Query update(transaction,
                 fmt::format("UPDATE {0} SET {1} = :a WHERE id = :b AND {1} = :c", column.table, column.name));
    return update.with(sealed).with(cell.record).with(cell.sealed).run() == 1;
  }
  throw Failure(Outcome::kInternal, "a sealed column is not in the list");
}

}  // namespace totpilot::store
