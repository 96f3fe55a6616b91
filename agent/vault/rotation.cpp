// Rotation: a new key, and every record's own key wrapped anew under it. The rows themselves are the progress: what is
// sealed under an older key is still to do, so a rotation that was killed goes on wherever it stopped.
#include <fmt/format.h>

#include <mutex>
#include <shared_mutex>

#include "agent/base/failure.h"
#include "agent/base/log.h"
#include "agent/crypto/aead.h"
#include "agent/crypto/random.h"
#include "agent/vault/envelope.h"
#include "agent/vault/key_file.h"
#include "agent/vault/vault_impl.h"

namespace totpilot::vault {
namespace {

constexpr int kPart = 32;

const char* field_of(store::SealedColumn column) {
  switch (column) {
    case store::SealedColumn::kAccountPassword:
      return "password";
    case store::SealedColumn::kFactorSecret:
      return "secret";
    case store::SealedColumn::kRecoveryCode:
      return "code";
    case store::SealedColumn::kSessionState:
      return "state";
    case store::SealedColumn::kJobAnswer:
      return "answer";
    case store::SealedColumn::kMemberTotp:
      return "totp";
  }
  throw Failure(Outcome::kInternal, "a sealed column has no field");
}

}  // namespace

SealContext context_of(const store::SealedCell& cell) {
  return {cell.record, field_of(cell.column), read_envelope_header(cell.sealed).version};
}

void for_each_sealed(store::Store& store, const std::function<void(const std::vector<store::SealedCell>&)>& take) {
  std::optional<store::SealedCell> after;
  for (;;) {
    const auto part =
        store.read([&](store::ReadTransaction& transaction) { return store::list_sealed(transaction, after, kPart); });
    if (part.empty()) return;
    take(part);
    after = part.back();
  }
}

RotationReport Vault::Impl::rotate(RotationRequest request, const RotationHooks& hooks) {
  require_current();
  RotationReport report;
  if (request.depth == RotationDepth::kEverything) {
    renew_everything(request, hooks, report);
  } else {
    // What an earlier rotation left is finished; if that was something, it is all.
    rewrap_all(hooks, report);
    report.resumed = report.rewrapped > 0;
    if (!report.resumed) start_rotation(hooks);
  }
  if (!report.resumed) rewrap_all(hooks, report);
  report.new_key = keyring.active();
  copy_outside();
  hooks.reached("end");
  return report;
}

void Vault::Impl::start_rotation(const RotationHooks& hooks) {
  Keyring next = [&] {
    const std::shared_lock lock(keys_mutex);
    return keyring.under(keyring.root().duplicate());
  }();
  const store::VaultKeyRow fresh = next.make_active_key(clock.now());
  database.write([&](store::WriteTransaction& transaction) {
    for (store::VaultKeyRow row : store::list_vault_keys(transaction)) {
      row.state = store::KeyState::kRetiring;
      store::update_vault_key(transaction, row);
    }
    store::insert_vault_key(transaction, fresh);
    hooks.reached("before the new key is saved");
  });
  {
    const std::unique_lock lock(keys_mutex);
    keyring = std::move(next);
  }
  hooks.reached("the new key is saved");
  copy_outside();
}

void Vault::Impl::renew_everything(const RotationRequest& request, const RotationHooks& hooks, RotationReport& report) {
  const VaultRows rows = read_vault_rows(database);
  const auto* file_slot = find_slot(rows.slots.rows, SlotKind::kFile);
  const auto* passphrase_slot = find_slot(rows.slots.rows, SlotKind::kPassphrase);
  const auto* kit_slot = find_slot(rows.slots.rows, SlotKind::kKit);
  if (passphrase_slot != nullptr && !request.passphrase && !request.drop_passphrase)
    throw Failure(Outcome::kInvalidInput, "the passphrase slot needs its passphrase again",
                  "give the passphrase, or say that it may go");
  if (kit_slot != nullptr && !request.drop_kit)
    throw Failure(Outcome::kInvalidInput, "the printed recovery kit will no longer open the vault",
                  "say that it may go, and print a new one");
  if (file_slot == nullptr && !request.passphrase)
    throw Failure(Outcome::kInvalidInput, "without a key file the vault needs a passphrase");
  const std::filesystem::path file = locations.key_file();
  if (file_slot != nullptr && !std::filesystem::exists(file))
    throw Failure(Outcome::kInvalidInput, fmt::format("{}: is not there, so it cannot be replaced", file.string()),
                  "put it back, or make a new one: totpilot vault init names the place");

  const TimePoint now = clock.now();
  Keyring next = [&] {
    const std::shared_lock lock(keys_mutex);
    return keyring.under(crypto::random_secret(crypto::kKeyBytes));
  }();
  const store::VaultKeyRow fresh = next.make_active_key(now);
  std::vector<store::VaultSlotRow> slots;
  Secret new_file_key;
  if (file_slot != nullptr) {
    new_file_key = crypto::random_secret(crypto::kKeyBytes);
    slots.push_back(make_slot(next.workspace(), SlotKind::kFile, new_file_key, next.root(), "{}", now));
    // Both keys until the database has the new slot: killed in between, one of them opens it.
    const std::vector<Secret> old_keys = read_key_file(file);
    std::vector<const Secret*> both = {&new_file_key};
    for (const Secret& key : old_keys) both.push_back(&key);
    write_key_file(file, both);
    hooks.reached("the key file has both keys");
  }
  if (request.passphrase) {
    store::VaultSlotRow draft;
    draft.parameters =
        passphrase_slot != nullptr ? passphrase_parameters_like(*passphrase_slot) : passphrase_parameters({});
    const Secret slot_key = passphrase_key(draft, *request.passphrase);
    slots.push_back(make_slot(next.workspace(), SlotKind::kPassphrase, slot_key, next.root(), draft.parameters, now));
  } else if (passphrase_slot != nullptr) {
    report.dropped.push_back(SlotKind::kPassphrase);
  }
  if (kit_slot != nullptr) report.dropped.push_back(SlotKind::kKit);

  database.write([&](store::WriteTransaction& transaction) {
    for (const store::VaultSlotRow& old : rows.slots.rows) store::delete_vault_slot(transaction, old.id);
    for (const store::VaultSlotRow& slot : slots) store::insert_vault_slot(transaction, slot);
    for (store::VaultKeyRow row : rows.keys) {
      row.state = store::KeyState::kRetiring;
      row.sealed_key = next.wrap(row.id);
      store::update_vault_key(transaction, row);
    }
    store::insert_vault_key(transaction, fresh);
    store::set_setting(transaction, kFingerprintKey, next.seal_own(kFingerprintKey, fingerprint_key));
    hooks.reached("before the new root key is saved");
  });
  {
    const std::unique_lock lock(keys_mutex);
    keyring = std::move(next);
  }
  hooks.reached("the new root key is saved");
  if (!new_file_key.empty()) write_key_file(file, {&new_file_key});
  copy_outside();
  hooks.reached("the key file has the new key");
}

void Vault::Impl::rewrap_all(const RotationHooks& hooks, RotationReport& report) {
  report.damaged = 0;
  rewrap_database(hooks, report);
  rewrap_escrow(report);
  hooks.reached("the escrow copies are saved");
}

std::optional<std::string> Vault::Impl::try_rewrap(const SealContext& context, std::string_view sealed,
                                                   RotationReport& report) {
  try {
    return rewrap({context.record, context.field, read_envelope_header(sealed).version}, sealed);
  } catch (const Failure& failure) {
    // One damaged record must not keep the others under a key that is to go.
    ++report.damaged;
    log::error("{} of {} stays under its old key: {}", context.field, context.record, failure.message());
    return std::nullopt;
  }
}

void Vault::Impl::rewrap_database(const RotationHooks& hooks, RotationReport& report) {
  for_each_sealed(database, [&](const std::vector<store::SealedCell>& part) {
    std::vector<std::pair<store::SealedCell, std::string>> changes;
    for (const store::SealedCell& cell : part)
      if (auto sealed = try_rewrap({cell.record, field_of(cell.column)}, cell.sealed, report))
        changes.emplace_back(cell, std::move(*sealed));
    if (changes.empty()) return;
    database.write([&](store::WriteTransaction& transaction) {
      transaction.scrub_after_commit();
      for (const auto& [cell, sealed] : changes) {
        // One that was changed meanwhile was sealed under the new key.
        if (store::replace_sealed(transaction, cell, sealed)) ++report.rewrapped;
        hooks.reached("a record");
      }
    });
    hooks.reached("a part is saved");
  });
}

void Vault::Impl::rewrap_escrow(RotationReport& report) {
  std::vector<EscrowEntry> entries = escrow.list();
  bool changed = false;
  for (EscrowEntry& entry : entries) {
    auto sealed = try_rewrap(secret_context(entry.factor.id), entry.factor.sealed_secret, report);
    if (!sealed) continue;
    entry.factor.sealed_secret = std::move(*sealed);
    changed = true;
  }
  if (changed) escrow.rewrite(entries);
}

void Vault::Impl::drop_unused_keys() {
  if (read_vault_rows(database).keys.size() < 2) return;
  const auto counts = count_by_key();
  database.write([&](store::WriteTransaction& transaction) {
    for (const store::VaultKeyRow& row : store::list_vault_keys(transaction))
      if (row.state == store::KeyState::kRetiring && !counts.contains(row.id))
        store::delete_vault_key(transaction, row.id);
  });
}

}  // namespace totpilot::vault
