#pragma once
// Requests that only name something, as operations read them from JSON.
#include <string>

#include "agent/services/form.h"

namespace totpilot::services {

struct NameAccount {
  std::string account;
};

inline constexpr Form kNameAccount{text("account", &NameAccount::account, kRequired, "the account's name or id")};

/// What an operation answers that has nothing else to say.
inline nlohmann::ordered_json done() { return {{"done", true}}; }

}  // namespace totpilot::services
