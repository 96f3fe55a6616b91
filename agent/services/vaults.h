#pragma once
// The vault as a whole: its making, its keys and ways in, its backups.
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "agent/base/failure.h"
#include "agent/base/secret.h"
#include "agent/vault/backup.h"
#include "agent/vault/vault.h"

namespace totpilot::services {

class House;

struct InitVault {
  bool key_file = true;
  std::optional<Secret> passphrase;
};

struct VaultView {
  vault::VaultStatus status;
  std::filesystem::path state_directory;
  std::filesystem::path key_directory;
  std::filesystem::path escrow_directory;
  bool key_file_present = false;
  std::optional<Failure> sealed;  // why it does not open
};

nlohmann::ordered_json to_json(const VaultView& view);

/// vault.init. already_exists when there is one.
task<VaultView> init_vault(House& house, InitVault request);
/// vault.status: opens the vault, so it also says whether that works (VaultView::sealed); what can be known of a closed
/// one is there all the same. vault_missing.
task<VaultView> vault_status(House& house);

struct RotateKey {
  bool everything = false;  // also the root key and the key file
  std::optional<Secret> passphrase;
  bool drop_passphrase = false;
  bool drop_kit = false;
};

nlohmann::ordered_json to_json(const vault::RotationReport& report);

/// vault.rotate_key.
task<vault::RotationReport> rotate_key(House& house, RotateKey request);

/// vault.kit: a new printable recovery kit. `keep` is given its text first; an earlier kit is void only when that has
/// returned.
task<void> make_kit(House& house, std::function<void(const Secret& text)> keep);

/// vault.passphrase: adds or replaces the passphrase as a way in.
task<void> set_passphrase(House& house, Secret passphrase);
/// vault.key_file: a new key file, where it was lost or is damaged; see Vault::make_key_file.
task<vault::NewKeyFile> make_key_file(House& house, vault::OtherKeyFile other);
/// vault.remove_slot: invalid_input for the last way in, or an unknown kind.
task<void> remove_slot(House& house, std::string kind);
/// vault.accept_rollback.
task<void> accept_rollback(House& house);

nlohmann::ordered_json to_json(const vault::BackupReport& report);
/// vault.backup.
task<vault::BackupReport> make_backup(House& house, std::filesystem::path file);

struct Restore {
  std::filesystem::path file;
  bool verify_only = true;
  bool set_aside = false;  // what is there is moved away first instead of being a reason to refuse
};

nlohmann::ordered_json to_json(const vault::RestoreReport& report);
/// vault.restore; with verify_only it changes nothing. Opened by what the user brought, as a vault is. invalid_input
/// for a file that is no backup, already_exists for a state in the way, vault_sealed, needs_input.
task<vault::RestoreReport> restore_backup(House& house, Restore request);

}  // namespace totpilot::services
