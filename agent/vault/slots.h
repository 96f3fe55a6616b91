#pragma once
// Slots: the ways to the root key. Each wraps it under a key of its own: from the key file, from a passphrase, from the
// printed kit. Private to the room.
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agent/vault/vault.h"

namespace totpilot::vault {

/// Slots and who they belong to, from the database or from a backup's header.
struct SlotSet {
  std::string workspace;
  std::vector<store::VaultSlotRow> rows;
};

store::VaultSlotRow make_slot(std::string_view workspace, SlotKind kind, const Secret& slot_key, const Secret& root,
                              std::string parameters, TimePoint now);
/// Nothing when the key is not this slot's.
std::optional<Secret> open_slot(std::string_view workspace, const store::VaultSlotRow& slot, const Secret& slot_key);

std::string passphrase_parameters(const crypto::Argon2Parameters& argon2);
/// The same cost as the slot's, with a new salt.
std::string passphrase_parameters_like(const store::VaultSlotRow& slot);
/// Takes about 0.2 s. Throws storage_failed for parameters that no totpilot wrote.
Secret passphrase_key(const store::VaultSlotRow& slot, const Secret& passphrase);

struct Unlocked {
  Secret root;
  SlotKind by = SlotKind::kFile;
};
/// Tries the key file, the systemd credential, the passphrase, the kit, as far as there are slots for them. Throws
/// vault_sealed with what was tried.
Unlocked unlock(const SlotSet& slots, const Locations& locations, const Credentials& credentials);

/// The option by which a lost or damaged key file is replaced; empty where there is no such way, or no key file.
std::string_view way_to_new_key_file(const SlotSet& slots);

std::optional<SlotKind> slot_kind(std::string_view name);
const store::VaultSlotRow* find_slot(std::span<const store::VaultSlotRow> slots, SlotKind kind);

}  // namespace totpilot::vault
