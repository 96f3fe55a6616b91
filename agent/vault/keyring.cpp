#include "agent/vault/keyring.h"

#include "agent/base/encoding.h"
#include "agent/base/failure.h"
#include "agent/crypto/aead.h"
#include "agent/crypto/random.h"
#include "agent/vault/envelope.h"

namespace totpilot::vault {
namespace {

std::string key_binding(std::string_view workspace, const KeyId& id) {
  return join_lengths({"totpilot key 1", workspace, id.str()});
}

std::string own_binding(std::string_view workspace, std::string_view name) {
  return join_lengths({"totpilot own 1", workspace, name});
}

}  // namespace

bool Keyring::add(const store::VaultKeyRow& row) {
  const auto sealed = base64_decode(row.sealed_key);
  if (!sealed) return false;
  auto key = crypto::aead_open(root_, key_binding(workspace_, row.id), *sealed);
  if (!key || key->size() != crypto::kKeyBytes) return false;
  keys_.insert_or_assign(row.id, std::move(*key));
  if (row.state == store::KeyState::kActive) active_ = row.id;
  return true;
}

store::VaultKeyRow Keyring::make_active_key(TimePoint now) {
  const KeyId id = KeyId::make(now);
  keys_.insert_or_assign(id, crypto::random_secret(crypto::kKeyBytes));
  active_ = id;
  return {id, store::KeyState::kActive, wrap(id), now};
}

const Secret* Keyring::find(const KeyId& id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second;
}

Keyring Keyring::under(Secret new_root) const {
  Keyring copy(workspace_, std::move(new_root));
  for (const auto& [id, key] : keys_) copy.keys_.emplace(id, key.duplicate());
  copy.active_ = active_;
  return copy;
}

std::string Keyring::wrap(const KeyId& id) const {
  return base64_encode(crypto::aead_seal(root_, key_binding(workspace_, id), keys_.at(id)));
}

std::string Keyring::seal_own(std::string_view name, const Secret& secret) const {
  return base64_encode(crypto::aead_seal(root_, own_binding(workspace_, name), secret));
}

std::optional<Secret> Keyring::open_own(std::string_view name, std::string_view sealed) const {
  const auto bytes = base64_decode(sealed);
  if (!bytes) return std::nullopt;
  return crypto::aead_open(root_, own_binding(workspace_, name), *bytes);
}

}  // namespace totpilot::vault
