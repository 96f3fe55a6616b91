#include "agent/vault/vault.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <mutex>

#include "agent/base/encoding.h"
#include "agent/base/failure.h"
#include "agent/base/file.h"
#include "agent/base/id.h"
#include "agent/base/log.h"
#include "agent/crypto/aead.h"
#include "agent/crypto/hmac.h"
#include "agent/crypto/random.h"
#include "agent/vault/envelope.h"
#include "agent/vault/key_file.h"
#include "agent/vault/kit.h"
#include "agent/vault/vault_impl.h"

namespace totpilot::vault {
namespace {

// NIST SP 800-38D allows 2^32 random nonces with one key; we stop well before.
constexpr std::int64_t kMostUses = (std::int64_t{1} << 32U) - (std::int64_t{1} << 24U);

void require_passphrase(const Secret& passphrase) {
  if (passphrase.empty()) throw Failure(Outcome::kInvalidInput, "an empty passphrase protects nothing");
}

/// A lost or damaged key file is no end: what opens the vault beside it makes a new one.
Unlocked unlock_own(const SlotSet& slots, const Locations& locations, const Credentials& credentials) {
  try {
    return unlock(slots, locations, credentials);
  } catch (const Failure& failure) {
    const std::string_view way = way_to_new_key_file(slots);
    if (failure.code() != Outcome::kVaultSealed || way.empty()) throw;
    throw Failure(failure.code(), failure.message(),
                  fmt::format("{}. For a new key file in its place: totpilot vault key-file {}", failure.hint(), way));
  }
}

}  // namespace

std::string stamp(TimePoint time) {
  std::string text = to_iso(time);
  std::erase_if(text, [](char c) { return c == ':' || c == '-' || c == '.'; });
  return text;
}

std::int64_t number_setting(store::ReadTransaction& transaction, std::string_view name) {
  const std::string text = store::find_setting(transaction, name).value_or("0");
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

VaultRows read_vault_rows(store::Store& store) {
  return store.read([](store::ReadTransaction& transaction) {
    VaultRows rows;
    const auto workspace = store::find_setting(transaction, kWorkspace);
    if (!workspace) throw Failure(Outcome::kVaultMissing, "there is no vault in this state directory");
    rows.slots = {*workspace, store::list_vault_slots(transaction)};
    rows.keys = store::list_vault_keys(transaction);
    rows.sealed_fingerprint_key = store::find_setting(transaction, kFingerprintKey).value_or("");
    rows.epoch = number_setting(transaction, kEpoch);
    return rows;
  });
}

Vault::Impl::Impl(store::Store& the_database, Locations the_locations, const Clock& the_clock, Keyring the_keyring,
                  Secret the_fingerprint_key)
    : database(the_database),
      locations(std::move(the_locations)),
      clock(the_clock),
      keyring(std::move(the_keyring)),
      fingerprint_key(std::move(the_fingerprint_key)),
      escrow(locations.escrow(), keyring.workspace()),
      outside(locations.escrow(), keyring.workspace()) {}

std::unique_ptr<Vault::Impl> Vault::Impl::assemble(store::Store& store, const Locations& locations, const Clock& clock,
                                                   const VaultRows& rows, Secret root) {
  Keyring keyring(rows.slots.workspace, std::move(root));
  for (const store::VaultKeyRow& row : rows.keys)
    if (!keyring.add(row))
      throw Failure(Outcome::kStorageFailed, fmt::format("the vault's key {} was changed", row.id.str()),
                    "the database was changed or damaged: restore the latest backup");
  if (keyring.active().empty())
    throw Failure(Outcome::kStorageFailed, "the vault has no active key", "restore the latest backup");
  auto fingerprint_key = keyring.open_own(kFingerprintKey, rows.sealed_fingerprint_key);
  if (!fingerprint_key)
    throw Failure(Outcome::kStorageFailed, "the vault's fingerprint key was changed", "restore the latest backup");
  auto impl = std::make_unique<Impl>(store, locations, clock, std::move(keyring), std::move(*fingerprint_key));
  // Where an older database was put in place, keys that it does not know may still open the escrow copies.
  for (const store::VaultKeyRow& row : impl->outside.keys())
    if (impl->keyring.find(row.id) == nullptr)
      impl->keyring.add({row.id, store::KeyState::kRetiring, row.sealed_key, row.created});
  return impl;
}

std::string Vault::Impl::seal(const SealContext& context, const Secret& plaintext) {
  const std::shared_lock lock(keys_mutex);
  if (outside.uses(keyring.active()) > kMostUses)
    throw Failure(Outcome::kInternal, "the vault's key was used too often to be safe", "totpilot vault rotate-key");
  outside.count_use(keyring.active());
  return seal_envelope(keyring.workspace(), context, keyring.active(), keyring.active_key(), plaintext);
}

Secret Vault::Impl::unseal(const SealContext& context, std::string_view sealed) const {
  const std::shared_lock lock(keys_mutex);
  const Secret* key = keyring.find(read_envelope_header(sealed).key);
  if (key == nullptr)
    throw Failure(Outcome::kVaultSealed,
                  fmt::format("the vault has no key for {} of {}", context.field, context.record),
                  "the record belongs to another vault, or its key was removed: restore the latest backup");
  try {
    return open_envelope(keyring.workspace(), context, *key, sealed);
  } catch (Failure& failure) {
    throw std::move(failure).within(fmt::format("{} of {}", context.field, context.record));
  }
}

std::optional<std::string> Vault::Impl::rewrap(const SealContext& context, std::string_view sealed) {
  const std::shared_lock lock(keys_mutex);
  const EnvelopeHeader header = read_envelope_header(sealed);
  if (header.key == keyring.active()) return std::nullopt;
  const Secret* old_key = keyring.find(header.key);
  if (old_key == nullptr)
    throw Failure(Outcome::kVaultSealed,
                  fmt::format("the vault has no key for {} of {}", context.field, context.record),
                  "restore the latest backup");
  outside.count_use(keyring.active());
  return rewrap_envelope(keyring.workspace(), {context.record, context.field, header.version}, *old_key,
                         keyring.active(), keyring.active_key(), sealed);
}

void Vault::Impl::require_current() const {
  if (rolled_back)
    throw Failure(Outcome::kNeedsHuman,
                  "the database is older than the vault was: its keys are not changed until that is settled",
                  "look at totpilot vault status; restore a newer backup, or accept this database");
}

void Vault::Impl::copy_outside() {
  const VaultRows rows = read_vault_rows(database);
  outside.keep_copies(rows.slots.rows, rows.keys, locations.state_directory);
}

void Vault::Impl::next_epoch() {
  // The database first: a crash in between leaves it ahead, which is no sign of an older one.
  outside.raise_epoch(advance_epoch());
  rolled_back = false;
}

std::int64_t Vault::Impl::advance_epoch() {
  return database.write([&](store::WriteTransaction& transaction) {
    const std::int64_t next = std::max(number_setting(transaction, kEpoch), outside.epoch()) + 1;
    store::set_setting(transaction, kEpoch, std::to_string(next));
    return next;
  });
}

void Vault::Impl::accept_rollback() {
  outside.raise_epoch(adopt_database());
  rolled_back = false;
}

std::int64_t Vault::Impl::adopt_database() {
  const std::vector<store::VaultKeyRow> elsewhere = outside.keys();
  database.write([&](store::WriteTransaction& transaction) {
    const auto known = store::list_vault_keys(transaction);
    const std::shared_lock lock(keys_mutex);
    for (const store::VaultKeyRow& row : elsewhere) {
      const bool missing = std::ranges::none_of(known, [&](const auto& other) { return other.id == row.id; });
      if (missing && keyring.find(row.id) != nullptr)
        store::insert_vault_key(transaction, {row.id, store::KeyState::kRetiring, row.sealed_key, row.created});
    }
  });
  return advance_epoch();
}

void Vault::Impl::replace_slot(SlotKind kind, const Secret& slot_key, std::string parameters) {
  require_current();
  const store::VaultSlotRow slot = [&] {
    // Not held over the transaction, in which others seal.
    const std::shared_lock lock(keys_mutex);
    return make_slot(keyring.workspace(), kind, slot_key, keyring.root(), std::move(parameters), clock.now());
  }();
  database.write([&](store::WriteTransaction& transaction) {
    const auto slots = store::list_vault_slots(transaction);
    if (const auto* old = find_slot(slots, kind)) store::delete_vault_slot(transaction, old->id);
    store::insert_vault_slot(transaction, slot);
  });
  copy_outside();
}

Vault::Vault(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Vault::~Vault() = default;

bool Vault::exists(store::Store& store) {
  return store.read(
      [](store::ReadTransaction& transaction) { return store::find_setting(transaction, kWorkspace).has_value(); });
}

std::unique_ptr<Vault> Vault::init(store::Store& store, const Locations& locations, const Clock& clock,
                                   InitRequest request) {
  if (exists(store)) throw Failure(Outcome::kAlreadyExists, "there is a vault already", "totpilot vault status");
  require_apart(locations);
  if (!request.key_file && !request.passphrase)
    throw Failure(Outcome::kInvalidInput, "a vault needs a key file or a passphrase");
  if (request.passphrase) require_passphrase(*request.passphrase);
  if (request.key_file && std::filesystem::exists(locations.key_file()))
    throw Failure(Outcome::kAlreadyExists,
                  fmt::format("{}: there is a key file already", locations.key_file().string()),
                  "it may open another vault: move it away, or choose another key directory");

  const TimePoint now = clock.now();
  Keyring keyring(make_uuid7(now), crypto::random_secret(crypto::kKeyBytes));
  const store::VaultKeyRow key = keyring.make_active_key(now);
  const Secret fingerprint_key = crypto::random_secret(crypto::kKeyBytes);
  std::vector<store::VaultSlotRow> slots;
  if (request.key_file) {
    const Secret slot_key = crypto::random_secret(crypto::kKeyBytes);
    // Before the database: a key file without a vault is harmless, a vault without its key file is lost.
    write_key_file(locations.key_file(), {&slot_key});
    slots.push_back(make_slot(keyring.workspace(), SlotKind::kFile, slot_key, keyring.root(), "{}", now));
  }
  if (request.passphrase) {
    store::VaultSlotRow draft;
    draft.parameters = passphrase_parameters(request.argon2);
    const Secret slot_key = passphrase_key(draft, *request.passphrase);
    slots.push_back(
        make_slot(keyring.workspace(), SlotKind::kPassphrase, slot_key, keyring.root(), draft.parameters, now));
  }
  store.write([&](store::WriteTransaction& transaction) {
    store::set_setting(transaction, kWorkspace, keyring.workspace());
    store::set_setting(transaction, kEpoch, "0");
    store::set_setting(transaction, kFingerprintKey, keyring.seal_own(kFingerprintKey, fingerprint_key));
    store::insert_vault_key(transaction, key);
    for (const store::VaultSlotRow& slot : slots) store::insert_vault_slot(transaction, slot);
  });

  auto impl = std::make_unique<Impl>(store, locations, clock, std::move(keyring), fingerprint_key.duplicate());
  impl->copy_outside();
  impl->next_epoch();
  return std::unique_ptr<Vault>(new Vault(std::move(impl)));
}

std::unique_ptr<Vault> Vault::open(store::Store& store, const Locations& locations, const Clock& clock,
                                   const Credentials& credentials) {
  const VaultRows rows = read_vault_rows(store);
  Unlocked unlocked = unlock_own(rows.slots, locations, credentials);
  auto impl = Impl::assemble(store, locations, clock, rows, std::move(unlocked.root));
  impl->rolled_back = impl->outside.epoch() > rows.epoch;
  if (impl->rolled_back) {
    log::warn("the database is older than the vault was ({} of {}): look at the escrow copies before enrolling",
              rows.epoch, impl->outside.epoch());
  } else {
    impl->next_epoch();
    impl->drop_unused_keys();
    impl->copy_outside();
  }
  return std::unique_ptr<Vault>(new Vault(std::move(impl)));
}

std::vector<SlotInfo> Vault::slots(store::Store& store, const Locations& locations) {
  std::vector<SlotInfo> infos;
  for (const store::VaultSlotRow& row : read_vault_rows(store).slots.rows) {
    const auto kind = slot_kind(row.kind);
    if (kind)
      infos.push_back({row.id, *kind, row.created, *kind == SlotKind::kFile ? locations.key_file().string() : ""});
  }
  return infos;
}

bool Vault::key_file_present(const Locations& locations) {
  return std::filesystem::exists(locations.key_file()) || credential_file().has_value();
}

std::string Vault::seal(const SealContext& context, const Secret& plaintext) { return impl_->seal(context, plaintext); }

Secret Vault::unseal(const SealContext& context, std::string_view sealed) const {
  return impl_->unseal(context, sealed);
}

std::string Vault::fingerprint(const Secret& secret) const {
  return hex_encode(crypto::hmac(crypto::Hash::kSha256, impl_->fingerprint_key, secret.reveal()).reveal());
}

Secret Vault::subkey(std::string_view label) const {
  // Not from the root key, which a rotation may replace; this one it opens.
  return crypto::derive_subkey(impl_->fingerprint_key, label);
}

Escrow& Vault::escrow() { return impl_->escrow; }

RotationReport Vault::rotate_key(RotationRequest request) { return impl_->rotate(std::move(request), {}); }

void Vault::set_passphrase(const Secret& passphrase, const crypto::Argon2Parameters& argon2) {
  require_passphrase(passphrase);
  store::VaultSlotRow draft;
  draft.parameters = passphrase_parameters(argon2);
  impl_->replace_slot(SlotKind::kPassphrase, passphrase_key(draft, passphrase), draft.parameters);
}

void Vault::Impl::require_replaceable(const std::filesystem::path& file, OtherKeyFile other) const {
  const KeyFile found = examine_key_file(file);
  const SlotSet slots = read_vault_rows(database).slots;
  if (const auto* slot = find_slot(slots.rows, SlotKind::kFile))
    for (const Secret& key : found.keys)
      if (open_slot(slots.workspace, *slot, key))
        throw Failure(Outcome::kAlreadyExists, fmt::format("{}: opens this vault already", file.string()),
                      "for a new one: totpilot vault rotate-key --everything");
  if (other == OtherKeyFile::kRefuse && found.state == KeyFile::State::kWhole)
    throw Failure(Outcome::kAlreadyExists,
                  fmt::format("{}: is a key file, but not this vault's; it may open another", file.string()),
                  "keep it under another name: totpilot vault key-file --set-aside; or choose another --key-dir");
  if (other == OtherKeyFile::kRefuse && found.state == KeyFile::State::kUnreadable)
    throw Failure(Outcome::kAlreadyExists,
                  fmt::format("there is a key file already, and it cannot be looked into: {}", found.problem),
                  found.remedy + "; or keep it under another name: totpilot vault key-file --set-aside");
}

NewKeyFile Vault::make_key_file(OtherKeyFile other) {
  require_apart(impl_->locations);
  impl_->require_current();
  NewKeyFile made{impl_->locations.key_file(), std::nullopt};
  if (std::filesystem::exists(std::filesystem::symlink_status(made.file))) {
    impl_->require_replaceable(made.file, other);
    made.set_aside = set_key_file_aside(made.file, impl_->clock.now());
  }
  const Secret slot_key = crypto::random_secret(crypto::kKeyBytes);
  write_key_file(made.file, {&slot_key});
  impl_->replace_slot(SlotKind::kFile, slot_key, "{}");
  return made;
}

Secret Vault::make_kit(const std::function<void(const Secret& text)>& keep) {
  impl_->require_current();
  const Secret slot_key = crypto::random_secret(crypto::kKeyBytes);
  Secret text = print_kit(slot_key, impl_->keyring.workspace(), impl_->clock.now());
  keep(text);
  impl_->replace_slot(SlotKind::kKit, slot_key, "{}");
  return text;
}

void Vault::remove_slot(SlotKind kind) {
  impl_->require_current();
  impl_->database.write([&](store::WriteTransaction& transaction) {
    const auto slots = store::list_vault_slots(transaction);
    const auto* slot = find_slot(slots, kind);
    if (slot == nullptr)
      throw Failure(Outcome::kNotFound, fmt::format("the vault has no {} slot", slot_kind_name(kind)));
    // A kit alone is a page of paper: the vault must open without it.
    const auto others =
        std::ranges::count_if(slots, [&](const auto& other) { return other.id != slot->id && other.kind != "kit"; });
    if (others == 0 && kind != SlotKind::kKit)
      throw Failure(Outcome::kInvalidInput, "this is the vault's last way in",
                    "set a passphrase or make a key file first");
    store::delete_vault_slot(transaction, slot->id);
  });
  impl_->copy_outside();
}

VaultStatus Vault::status() const { return impl_->status(); }

void Vault::accept_rollback() { impl_->accept_rollback(); }

}  // namespace totpilot::vault
