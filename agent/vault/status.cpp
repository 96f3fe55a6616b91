#include "agent/base/failure.h"
#include "agent/vault/envelope.h"
#include "agent/vault/vault_impl.h"

namespace totpilot::vault {
namespace {

std::optional<TimePoint> time_setting(store::ReadTransaction& transaction, std::string_view name) {
  const std::int64_t millis = number_setting(transaction, name);
  return millis == 0 ? std::nullopt : std::optional(from_millis(millis));
}

KeyId key_of(std::string_view sealed) {
  try {
    return read_envelope_header(sealed).key;
  } catch (const Failure&) {
    return {};
  }
}

/// Counts every sealed text by its key, in database and escrow; what is damaged, under the empty id.
std::map<KeyId, std::int64_t> count_sealed(store::Store& database, const Escrow& escrow) {
  std::map<KeyId, std::int64_t> counts;
  for_each_sealed(database, [&](const std::vector<store::SealedCell>& part) {
    for (const store::SealedCell& cell : part) ++counts[key_of(cell.sealed)];
  });
  for (const EscrowEntry& entry : escrow.list()) ++counts[key_of(entry.factor.sealed_secret)];
  return counts;
}

VaultStatus read_status(store::Store& database, const Locations& locations, const Escrow& escrow,
                        const Outside& outside) {
  VaultStatus status;
  const VaultRows rows = read_vault_rows(database);
  const auto counts = count_sealed(database, escrow);
  status.workspace = rows.slots.workspace;
  for (const store::VaultKeyRow& row : rows.keys) {
    KeyInfo key{row.id, row.state == store::KeyState::kActive, row.created, 0, outside.uses(row.id)};
    if (const auto found = counts.find(row.id); found != counts.end()) key.records = found->second;
    status.rotation_unfinished = status.rotation_unfinished || (!key.active && key.records > 0);
    status.keys.push_back(key);
  }
  status.slots = Vault::slots(database, locations);
  status.escrow_entries = static_cast<std::int64_t>(escrow.list().size());
  for (const auto& [id, count] : counts) status.records += count;
  status.records -= status.escrow_entries;
  if (const auto found = counts.find(KeyId()); found != counts.end()) status.damaged = found->second;
  status.epoch = rows.epoch;
  status.outside_epoch = outside.epoch();
  status.rolled_back = status.outside_epoch > status.epoch;
  database.read([&](store::ReadTransaction& transaction) {
    status.last_backup = time_setting(transaction, kLastBackup);
    status.last_backup_verified = time_setting(transaction, kLastVerified);
  });
  return status;
}

}  // namespace

std::map<KeyId, std::int64_t> Vault::Impl::count_by_key() const { return count_sealed(database, escrow); }

VaultStatus Vault::Impl::status() const {
  VaultStatus status = read_status(database, locations, escrow, outside);
  status.rolled_back = rolled_back;
  return status;
}

VaultStatus Vault::status_unopened(store::Store& store, const Locations& locations) {
  const std::string workspace = read_vault_rows(store).slots.workspace;
  return read_status(store, locations, Escrow(locations.escrow(), workspace), Outside(locations.escrow(), workspace));
}

}  // namespace totpilot::vault
