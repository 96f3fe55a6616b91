#include "agent/vault/escrow_recovery.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/base/failure.h"
#include "agent/base/id.h"
#include "agent/base/log.h"
#include "agent/vault/envelope.h"
#include "agent/vault/keyring.h"
#include "agent/vault/outside.h"
#include "agent/vault/slots.h"

namespace totpilot::vault {

std::vector<std::string> escrow_workspaces(const Locations& locations) {
  constexpr std::string_view kBefore = "vault-";
  constexpr std::string_view kAfter = ".json";
  std::vector<std::string> workspaces;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(locations.escrow(), none)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kBefore) || !name.ends_with(kAfter) || name.size() <= kBefore.size() + kAfter.size())
      continue;
    const std::string workspace = name.substr(kBefore.size(), name.size() - kBefore.size() - kAfter.size());
    if (is_uuid(workspace)) workspaces.push_back(workspace);
  }
  std::ranges::sort(workspaces);
  return workspaces;
}

bool lived_here(const Locations& locations, const std::string& workspace) {
  try {
    return Outside(locations.escrow(), workspace).home() ==
           std::filesystem::weakly_canonical(locations.state_directory);
  } catch (const Failure&) {
    return false;
  }
}

std::vector<RecoveredCandidate> recover_escrow(const Locations& locations, const std::string& workspace,
                                               const Credentials& credentials) {
  const Outside outside(locations.escrow(), workspace);
  if (outside.slots().empty())
    throw Failure(Outcome::kNotFound,
                  fmt::format("{}: nothing of vault {} is there", locations.escrow().string(), workspace));
  Keyring keyring(workspace, unlock({workspace, outside.slots()}, locations, credentials).root);
  for (const store::VaultKeyRow& row : outside.keys()) keyring.add(row);

  std::vector<RecoveredCandidate> recovered;
  for (EscrowEntry& entry : Escrow(locations.escrow(), workspace).list()) {
    try {
      const EnvelopeHeader header = read_envelope_header(entry.factor.sealed_secret);
      const Secret* key = keyring.find(header.key);
      if (key == nullptr) throw Failure(Outcome::kVaultSealed, "its key is not among the copies");
      const SealContext context{entry.factor.id.str(), "secret", header.version};
      Secret secret = open_envelope(workspace, context, *key, entry.factor.sealed_secret);
      recovered.push_back({std::move(entry), std::move(secret)});
    } catch (const Failure& failure) {
      // The others may open.
      log::error("the escrow copy of {} does not open: {}", entry.factor.id.str(), failure.message());
    }
  }
  return recovered;
}

}  // namespace totpilot::vault
