#pragma once
// Rows as JSON, for the copies outside the database and the headers of backups: sealed texts only. Private to the room.
// Reading throws nlohmann's exceptions, which the caller turns into a Failure without their words (they may quote the
// input).
#include <nlohmann/json_fwd.hpp>

#include "agent/store/rows.h"
#include "agent/vault/escrow.h"

namespace totpilot::vault {

nlohmann::json to_json(const store::VaultSlotRow& slot);
store::VaultSlotRow slot_from_json(const nlohmann::json& json);
nlohmann::json to_json(const store::VaultKeyRow& key);
store::VaultKeyRow key_from_json(const nlohmann::json& json);
nlohmann::json to_json(const EscrowEntry& entry);
EscrowEntry escrow_from_json(const nlohmann::json& json);

}  // namespace totpilot::vault
