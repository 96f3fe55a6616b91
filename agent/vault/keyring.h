#pragma once
// Keyring: the root key and the keys it wraps, opened. Private to the room. Not synchronized: the vault guards it.
#include <map>
#include <string>
#include <string_view>

#include "agent/base/secret.h"
#include "agent/store/rows.h"

namespace totpilot::vault {

class Keyring {
 public:
  Keyring(std::string workspace, Secret root) : workspace_(std::move(workspace)), root_(std::move(root)) {}

  /// Opens a key and keeps it; false when the root key is not the one that wrapped it.
  bool add(const store::VaultKeyRow& row);
  /// A new random key, active from now on; the row is for the database.
  store::VaultKeyRow make_active_key(TimePoint now);

  const std::string& workspace() const { return workspace_; }
  const Secret& root() const { return root_; }
  const KeyId& active() const { return active_; }
  const Secret& active_key() const { return keys_.at(active_); }
  /// Null for a key that is not ours.
  const Secret* find(const KeyId& id) const;

  /// The same keys under another root key.
  Keyring under(Secret new_root) const;
  std::string wrap(const KeyId& id) const;

  /// A text of the vault's own under the root key, bound to its name ("fingerprint key").
  std::string seal_own(std::string_view name, const Secret& secret) const;
  std::optional<Secret> open_own(std::string_view name, std::string_view sealed) const;

 private:
  std::string workspace_;
  Secret root_;
  std::map<KeyId, Secret> keys_;
  KeyId active_;
};

}  // namespace totpilot::vault
