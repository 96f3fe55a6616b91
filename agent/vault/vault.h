#pragma once
// Vault: seals and opens the secrets in the store's rows. A slot (key file, passphrase, printed kit) opens the root
// key, the root key opens the keys, a key opens a record's own key, and that opens the record. All blocking; any
// thread.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/clock.h"
#include "agent/base/secret.h"
#include "agent/crypto/kdf.h"
#include "agent/store/store.h"
#include "agent/vault/escrow.h"
#include "agent/vault/locations.h"
#include "agent/vault/seal_context.h"

namespace totpilot::vault {

enum class SlotKind { kFile, kPassphrase, kKit };
std::string_view slot_kind_name(SlotKind kind);  // "file", "passphrase", "kit"

struct SlotInfo {
  std::string id;
  SlotKind kind = SlotKind::kFile;
  TimePoint created;
  std::string where;  // the key file's path; empty for the others
};

/// What the caller can offer to open the vault. The key file is looked for at Locations::key_file() and, under systemd,
/// among the credentials of the unit ($CREDENTIALS_DIRECTORY/vault.key).
struct Credentials {
  std::optional<Secret> passphrase;
  std::optional<Secret> kit;  // the printed text, or only its four lines
};

/// What to do with a key file that is in place and does not open this vault. One that is no key file at all is kept
/// under another name in any case; one that may open another vault only with kSetAside (else already_exists).
enum class OtherKeyFile { kRefuse, kSetAside };
struct NewKeyFile {
  std::filesystem::path file;
  std::optional<std::filesystem::path> set_aside;  // where the one before is kept
};

struct InitRequest {
  bool key_file = true;
  std::optional<Secret> passphrase;  // a slot of its own when given; at least one of the two
  crypto::Argon2Parameters argon2;   // smaller only in tests
};

/// How deep a rotation goes. kKey: a new key for the records; every slot stays. kEverything: also a new root key and a
/// new key file, for when a slot may be known to others; a passphrase slot needs its passphrase again, and a kit must
/// be printed anew.
enum class RotationDepth { kKey, kEverything };
struct RotationRequest {
  RotationDepth depth = RotationDepth::kKey;
  std::optional<Secret>
      passphrase;  // kEverything: the passphrase of the new passphrase slot; without it there is none afterwards
  bool drop_passphrase = false;  // says that this is meant
  bool drop_kit = false;         // says that the printed kit may die; a new one comes from make_kit()
};
struct RotationReport {
  KeyId new_key;
  std::int64_t rewrapped = 0;
  std::int64_t damaged = 0;  // records that no key opens; left as they are
  bool resumed = false;      // an earlier rotation was finished
  std::vector<SlotKind> dropped;
};

struct KeyInfo {
  KeyId id;
  bool active = false;
  TimePoint created;
  std::int64_t records = 0;      // sealed under it now
  std::int64_t encryptions = 0;  // made with it, as an upper bound; rotate long before 2^32
};

struct VaultStatus {
  std::string workspace;
  std::vector<KeyInfo> keys;
  std::vector<SlotInfo> slots;
  std::int64_t records = 0;
  std::int64_t damaged = 0;  // sealed texts that cannot be read at all
  std::int64_t epoch = 0;    // of the database
  std::int64_t outside_epoch =
      0;  // of the escrow directory; higher than the database's: an older database was put in place
  bool rolled_back = false;
  bool rotation_unfinished = false;
  std::int64_t escrow_entries = 0;
  std::optional<TimePoint> last_backup;
  std::optional<TimePoint> last_backup_verified;
};

class Vault {
 public:
  static bool exists(store::Store& store);
  /// Makes a vault where there is none (already_exists), writes the key file (0600, never over another) and opens it.
  static std::unique_ptr<Vault> init(store::Store& store, const Locations& locations, const Clock& clock,
                                     InitRequest request);
  /// Throws vault_missing; vault_sealed with what was tried and what would help.
  static std::unique_ptr<Vault> open(store::Store& store, const Locations& locations, const Clock& clock,
                                     const Credentials& credentials);
  /// The ways in, without opening: tells a prompt whether to ask for a passphrase. Throws vault_missing.
  static std::vector<SlotInfo> slots(store::Store& store, const Locations& locations);
  /// Is the key file in its place and would it be tried?
  static bool key_file_present(const Locations& locations);

  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  /// A text for a sealed_* column. Touches no database, so that it can be called inside a transaction.
  std::string seal(const SealContext& context, const Secret& plaintext);
  /// Throws vault_sealed for a key that is not ours, storage_failed for a text that was changed or belongs elsewhere.
  Secret unseal(const SealContext& context, std::string_view sealed) const;
  /// A keyed hash of a secret (64 hex characters): equal for equal secrets of this vault, of no use to a thief of the
  /// database.
  std::string fingerprint(const Secret& secret) const;

  /// A key of this vault for one purpose, named by `label`: the same through every rotation.
  Secret subkey(std::string_view label) const;

  /// Copies of candidates outside the database.
  Escrow& escrow();

  /// Rewraps every record under a new key. Killed anywhere it goes on when called again, and every record stays
  /// readable.
  RotationReport rotate_key(RotationRequest request);
  /// Adds or replaces the passphrase slot.
  void set_passphrase(const Secret& passphrase, const crypto::Argon2Parameters& argon2 = {});
  /// Writes a new key file and its slot: after a restore with kit or passphrase, or where the old one was lost or
  /// damaged. already_exists for one that opens the vault.
  NewKeyFile make_key_file(OtherKeyFile other = OtherKeyFile::kRefuse);
  /// A printable text that opens the vault when everything else is lost. Replaces an earlier kit, but only when `keep`
  /// has the text: what that throws leaves the earlier one valid.
  Secret make_kit(const std::function<void(const Secret& text)>& keep = [](const Secret&) {});
  /// Removes a slot, but never the last one (invalid_input).
  void remove_slot(SlotKind kind);

  VaultStatus status() const;
  /// What can be known without opening the vault: all of it, in fact, but that it opens. Throws vault_missing.
  static VaultStatus status_unopened(store::Store& store, const Locations& locations);
  /// Takes the present database as the right one after `rolled_back` was reported and looked into.
  void accept_rollback();

  /// For backups alone: header and key of one backup (see backup.h).
  class Impl;
  Impl& impl() { return *impl_; }

 private:
  explicit Vault(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace totpilot::vault
