#pragma once
// Backups: the whole database in one file, encrypted in authenticated chunks, readable with any slot that the vault had
// when it was made. A cut, reordered or changed file is refused. Blocking.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/store/settings.h"
#include "agent/vault/backup_age.h"
#include "agent/vault/vault.h"

namespace totpilot::vault {

struct BackupReport {
  std::filesystem::path file;
  std::uintmax_t bytes = 0;
  std::vector<store::TableCount> counts;
};

/// Copies the database while others write, and encrypts it to a new file (0600; already_exists when there is one,
/// invalid_input where no file can be made).
/// Whole or not there.
BackupReport make_backup(Vault& vault, store::Store& store, const std::filesystem::path& file);

/// kRefuse: a state directory that holds a database is left alone (already_exists). kSetAside: what is there is moved
/// to replaced-<time>/ in the state directory first, and stays there.
enum class ExistingState { kRefuse, kSetAside };

struct RestoreReport {
  std::string workspace;
  TimePoint made;
  std::vector<store::TableCount> counts;
  std::int64_t secrets_opened = 0;
  BackupAge age;
  std::optional<std::filesystem::path> set_aside;
  bool key_file_missing = false;  // opened by kit or passphrase: make a new key file (Vault::make_key_file)
};

/// The ways in that it was made with, without opening it: tells a prompt whether to ask for a passphrase. Throws
/// not_found, invalid_input for a file that is no backup, storage_failed for a damaged one.
std::vector<SlotKind> ways_into_backup(const std::filesystem::path& file);

/// Decrypts the backup to a private temporary directory, checks the database, compares the counts with those written at
/// its making and opens every secret. Changes nothing. Throws vault_sealed, invalid_input for a file that is no backup,
/// or storage_failed naming what is wrong.
RestoreReport verify_backup(const std::filesystem::path& file, const Locations& locations, const Clock& clock,
                            const Credentials& credentials, InPlace in_place = InPlace::kCompare);
/// Throws already_exists when the state directory holds one.
void require_no_database(const Locations& locations);

/// verify_backup(), then puts the database in place. The caller holds the StateLock, and no Store is open there.
RestoreReport restore_backup(const std::filesystem::path& file, const Locations& locations, const Clock& clock,
                             const Credentials& credentials, ExistingState existing);

/// Keeps in the database that a backup was verified now, for VaultStatus.
void note_backup_verified(store::Store& store, const Clock& clock);

}  // namespace totpilot::vault
