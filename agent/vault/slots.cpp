#include "agent/vault/slots.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "agent/base/encoding.h"
#include "agent/base/failure.h"
#include "agent/crypto/aead.h"
#include "agent/crypto/random.h"
#include "agent/vault/envelope.h"
#include "agent/vault/key_file.h"
#include "agent/vault/kit.h"

namespace totpilot::vault {
namespace {

std::string slot_binding(std::string_view workspace, const store::VaultSlotRow& slot) {
  return join_lengths({"totpilot slot 1", workspace, slot.id, slot.kind, slot.parameters});
}

[[noreturn]] void bad_parameters() {
  throw Failure(Outcome::kStorageFailed, "the passphrase slot's parameters are not those of any totpilot",
                "the database was changed or damaged: restore the latest backup");
}

struct PassphraseParameters {
  crypto::Argon2Parameters argon2;
  std::string salt;
};

PassphraseParameters read_parameters(const store::VaultSlotRow& slot) {
  const nlohmann::json parameters = nlohmann::json::parse(slot.parameters, nullptr, false);
  if (!parameters.is_object() || !parameters.contains("argon2id") || !parameters.contains("salt")) bad_parameters();
  const nlohmann::json& cost = parameters["argon2id"];
  const nlohmann::json& salt = parameters["salt"];
  if (!cost.is_object() || !salt.is_string()) bad_parameters();
  const auto number = [&](const char* name) {
    if (!cost.contains(name) || !cost[name].is_number_unsigned() || cost[name].get<std::uint64_t>() > 0xFFFFFFFFU)
      bad_parameters();
    return cost[name].get<std::uint32_t>();
  };
  auto salt_bytes = base64_decode(salt.get_ref<const std::string&>());
  if (!salt_bytes) bad_parameters();
  return {{static_cast<int>(number("version")), number("memory_kib"), number("passes"), number("lanes")},
          std::move(*salt_bytes)};
}

/// What was tried, for the message that nothing helped.
struct Tried {
  std::string facts;
  std::string hints;
  void note(std::string_view fact, std::string_view hint = {}) {
    facts += fmt::format("{}{}", facts.empty() ? "" : "; ", fact);
    if (!hint.empty()) hints += fmt::format("{}{}", hints.empty() ? "" : "; or ", hint);
  }
};

std::optional<Secret> try_key_file(const SlotSet& slots, const store::VaultSlotRow& slot,
                                   const std::filesystem::path& file, Tried& tried) {
  try {
    const std::vector<Secret> keys = read_key_file(file);
    for (const Secret& key : keys)
      if (auto root = open_slot(slots.workspace, slot, key)) return root;
    tried.note(fmt::format("the key file {} {}", file.string(), keys.empty() ? "is not there" : "is another vault's"),
               fmt::format("put the right key file at {}", file.string()));
  } catch (const Failure& failure) {
    // A passphrase or the kit may still open it.
    tried.note(failure.message(), failure.hint());
  }
  return std::nullopt;
}

std::optional<Secret> try_key_files(const SlotSet& slots, const store::VaultSlotRow& slot, const Locations& locations,
                                    Tried& tried) {
  std::vector<std::filesystem::path> files = {locations.key_file()};
  if (auto credential = credential_file()) files.push_back(*credential);
  for (const std::filesystem::path& file : files)
    if (auto root = try_key_file(slots, slot, file, tried)) return root;
  return std::nullopt;
}

std::optional<Secret> try_passphrase(const SlotSet& slots, const store::VaultSlotRow& slot,
                                     const Credentials& credentials, Tried& tried) {
  if (!credentials.passphrase) {
    tried.note("no passphrase was given", "give the passphrase (--passphrase-file, or on a terminal)");
    return std::nullopt;
  }
  if (auto root = open_slot(slots.workspace, slot, passphrase_key(slot, *credentials.passphrase))) return root;
  tried.note("the passphrase is wrong", "give the right passphrase");
  return std::nullopt;
}

std::optional<Secret> try_kit(const SlotSet& slots, const store::VaultSlotRow& slot, const Credentials& credentials,
                              Tried& tried) {
  if (!credentials.kit) {
    tried.note("no recovery kit was given", "give the recovery kit (--kit-file)");
    return std::nullopt;
  }
  if (auto root = open_slot(slots.workspace, slot, read_kit(*credentials.kit))) return root;
  tried.note("the recovery kit is another vault's or was replaced", "give the recovery kit that was made last");
  return std::nullopt;
}

}  // namespace

std::optional<SlotKind> slot_kind(std::string_view name) {
  for (const SlotKind kind : {SlotKind::kFile, SlotKind::kPassphrase, SlotKind::kKit})
    if (slot_kind_name(kind) == name) return kind;
  return std::nullopt;
}

std::string_view slot_kind_name(SlotKind kind) {
  switch (kind) {
    case SlotKind::kFile:
      return "file";
    case SlotKind::kPassphrase:
      return "passphrase";
    case SlotKind::kKit:
      return "kit";
  }
  return "file";
}

const store::VaultSlotRow* find_slot(std::span<const store::VaultSlotRow> slots, SlotKind kind) {
  for (const store::VaultSlotRow& slot : slots)
    if (slot.kind == slot_kind_name(kind)) return &slot;
  return nullptr;
}

store::VaultSlotRow make_slot(std::string_view workspace, SlotKind kind, const Secret& slot_key, const Secret& root,
                              std::string parameters, TimePoint now) {
  store::VaultSlotRow slot{make_uuid7(now), std::string(slot_kind_name(kind)), std::move(parameters), "", now};
  slot.sealed_root = base64_encode(crypto::aead_seal(slot_key, slot_binding(workspace, slot), root));
  return slot;
}

std::optional<Secret> open_slot(std::string_view workspace, const store::VaultSlotRow& slot, const Secret& slot_key) {
  const auto sealed = base64_decode(slot.sealed_root);
  if (!sealed) return std::nullopt;
  auto root = crypto::aead_open(slot_key, slot_binding(workspace, slot), *sealed);
  if (!root || root->size() != crypto::kKeyBytes) return std::nullopt;
  return root;
}

std::string passphrase_parameters(const crypto::Argon2Parameters& argon2) {
  return nlohmann::json{{"argon2id",
                         {{"version", argon2.version},
                          {"memory_kib", argon2.memory_kib},
                          {"passes", argon2.passes},
                          {"lanes", argon2.lanes}}},
                        {"salt", base64_encode(crypto::random_bytes(crypto::kSaltBytes))}}
      .dump();
}

std::string passphrase_parameters_like(const store::VaultSlotRow& slot) {
  return passphrase_parameters(read_parameters(slot).argon2);
}

Secret passphrase_key(const store::VaultSlotRow& slot, const Secret& passphrase) {
  const PassphraseParameters parameters = read_parameters(slot);
  return crypto::derive_from_passphrase(passphrase, parameters.salt, parameters.argon2);
}

Unlocked unlock(const SlotSet& slots, const Locations& locations, const Credentials& credentials) {
  Tried tried;
  if (const auto* slot = find_slot(slots.rows, SlotKind::kFile))
    if (auto root = try_key_files(slots, *slot, locations, tried)) return {std::move(*root), SlotKind::kFile};
  if (const auto* slot = find_slot(slots.rows, SlotKind::kPassphrase))
    if (auto root = try_passphrase(slots, *slot, credentials, tried)) return {std::move(*root), SlotKind::kPassphrase};
  if (credentials.passphrase && find_slot(slots.rows, SlotKind::kPassphrase) == nullptr)
    tried.note("it has no passphrase");
  if (const auto* slot = find_slot(slots.rows, SlotKind::kKit))
    if (auto root = try_kit(slots, *slot, credentials, tried)) return {std::move(*root), SlotKind::kKit};
  if (credentials.kit && find_slot(slots.rows, SlotKind::kKit) == nullptr) tried.note("it has no recovery kit");
  if (tried.facts.empty()) tried.note("it has no slot that this totpilot knows");
  throw Failure(Outcome::kVaultSealed, "the vault stays closed: " + tried.facts, tried.hints);
}

std::string_view way_to_new_key_file(const SlotSet& slots) {
  if (find_slot(slots.rows, SlotKind::kFile) == nullptr) return {};
  if (find_slot(slots.rows, SlotKind::kKit) != nullptr) return "--kit-file FILE";
  if (find_slot(slots.rows, SlotKind::kPassphrase) != nullptr) return "--passphrase-file FILE";
  return {};
}

}  // namespace totpilot::vault
