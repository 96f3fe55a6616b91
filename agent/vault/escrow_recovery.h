#pragma once
// The way back when the database is lost altogether: the escrow directory holds sealed candidates and copies of the
// vault's slots and keys. A key file, the passphrase or the kit opens them without any database. Blocking.
#include <string>
#include <vector>

#include "agent/vault/vault.h"

namespace totpilot::vault {

struct RecoveredCandidate {
  EscrowEntry entry;
  Secret secret;
};

/// The vaults that left something in the escrow directory.
std::vector<std::string> escrow_workspaces(const Locations& locations);

/// Was this vault's database in this state directory when it was last used? No where that cannot be read.
bool lived_here(const Locations& locations, const std::string& workspace);

/// Every candidate of one of them that opens. Throws not_found for a workspace that left nothing, vault_sealed as
/// Vault::open does.
std::vector<RecoveredCandidate> recover_escrow(const Locations& locations, const std::string& workspace,
                                               const Credentials& credentials);

}  // namespace totpilot::vault
