#pragma once
// The escrow copies as people see them: TOTP keys that are kept beside the database, of factors that are not proven yet
// and of accounts that were removed. They are there also when the database is lost.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/services/factors.h"
#include "agent/totp/otpauth.h"
#include "agent/vault/escrow.h"

namespace totpilot::services {

struct EscrowCopy {
  FactorView factor;  // as it was when the copy was made
  std::string username;
  std::string url;
  std::string workspace;  // of the vault that made it
};

nlohmann::ordered_json to_json(const EscrowCopy& copy);

/// factor.escrow: of one account by its name, or all when `account` is empty; of every vault that left any. Opens
/// nothing and needs no database.
task<std::vector<EscrowCopy>> list_escrow(House& house, std::string account);

struct OpenedCopy {
  vault::EscrowEntry entry;
  Secret key;
};

/// For the services that take one out: by the vault, where there is a database; a copy of another vault, or of a lost
/// one, by what the user brought to open it with. Nothing when there is no copy of the factor; vault_sealed.
task<std::optional<OpenedCopy>> open_escrow_copy(House& house, std::string factor);

/// The key with all that is known of it.
totp::OtpAuth otpauth_of(OpenedCopy copy);

}  // namespace totpilot::services
