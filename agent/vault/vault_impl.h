#pragma once
// Vault::Impl: what an open vault holds. Private to the room; rotation.cpp, status.cpp and backup.cpp work on it.
#include <functional>
#include <shared_mutex>
#include <string>

#include "agent/store/settings.h"
#include "agent/store/vault_rows.h"
#include "agent/vault/keyring.h"
#include "agent/vault/outside.h"
#include "agent/vault/slots.h"
#include "agent/vault/vault.h"

namespace totpilot::vault {

// Settings that the vault keeps in the database.
inline constexpr std::string_view kWorkspace = "vault.workspace";
inline constexpr std::string_view kEpoch = "vault.epoch";
inline constexpr std::string_view kFingerprintKey = "vault.fingerprint_key";
inline constexpr std::string_view kLastBackup = "vault.last_backup";
inline constexpr std::string_view kLastVerified = "vault.last_backup_verified";

/// What the database says of the vault, read at once. Throws vault_missing.
struct VaultRows {
  SlotSet slots;
  std::vector<store::VaultKeyRow> keys;
  std::string sealed_fingerprint_key;
  std::int64_t epoch = 0;
};
VaultRows read_vault_rows(store::Store& store);
std::int64_t number_setting(store::ReadTransaction& transaction, std::string_view name);

/// The places that a rotation passes, for tests that end the process there.
struct RotationHooks {
  std::function<void(std::string_view place)> reached = [](std::string_view) {};
};

class Vault::Impl {
 public:
  Impl(store::Store& the_database, Locations the_locations, const Clock& the_clock, Keyring the_keyring,
       Secret the_fingerprint_key);

  /// Opens what the rows hold with a root key. Throws storage_failed for keys that it does not open.
  static std::unique_ptr<Impl> assemble(store::Store& store, const Locations& locations, const Clock& clock,
                                        const VaultRows& rows, Secret root);

  std::string seal(const SealContext& context, const Secret& plaintext);
  Secret unseal(const SealContext& context, std::string_view sealed) const;
  /// The sealed text under the active key; nothing when it is already.
  std::optional<std::string> rewrap(const SealContext& context, std::string_view sealed);

  RotationReport rotate(RotationRequest request, const RotationHooks& hooks);
  /// Removes keys that nothing is sealed with any more. Only while nothing else uses the vault.
  void drop_unused_keys();
  VaultStatus status() const;

  /// Writes slots and keys as they are in the database to the outside copy.
  void copy_outside();
  /// Counts every sealed text by its key, in database and escrow; what is damaged, under the empty id.
  std::map<KeyId, std::int64_t> count_by_key() const;
  void next_epoch();
  /// In the database alone.
  std::int64_t advance_epoch();
  /// Takes an older database as the right one: keys of the newer one that escrow copies need are brought into it.
  void accept_rollback();
  /// The part of it that the database holds; gives the epoch that the outside copy has to be raised to.
  std::int64_t adopt_database();
  void require_current() const;
  /// Throws already_exists for a key file that opens this vault, or that may open another and nobody gave up.
  void require_replaceable(const std::filesystem::path& file, OtherKeyFile other) const;
  void replace_slot(SlotKind kind, const Secret& slot_key, std::string parameters);

  store::Store& database;
  const Locations locations;
  const Clock& clock;
  mutable std::shared_mutex keys_mutex;
  Keyring keyring;  // under keys_mutex
  const Secret fingerprint_key;
  Escrow escrow;
  mutable Outside outside;
  bool rolled_back = false;

 private:
  void start_rotation(const RotationHooks& hooks);
  void renew_everything(const RotationRequest& request, const RotationHooks& hooks, RotationReport& report);
  void rewrap_all(const RotationHooks& hooks, RotationReport& report);
  void rewrap_database(const RotationHooks& hooks, RotationReport& report);
  std::optional<std::string> try_rewrap(const SealContext& context, std::string_view sealed, RotationReport& report);
  void rewrap_escrow(RotationReport& report);
};

/// A time as part of a file's name: "20261124T101500123Z".
std::string stamp(TimePoint time);

/// Which place a cell of the database is sealed for.
SealContext context_of(const store::SealedCell& cell);
/// Calls with every sealed text of the database, in parts, outside of a transaction.
void for_each_sealed(store::Store& store, const std::function<void(const std::vector<store::SealedCell>&)>& take);

}  // namespace totpilot::vault
