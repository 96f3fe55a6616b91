#pragma once
// Settings and where each came from, for people (`config show --origin`).
#include <nlohmann/json.hpp>

#include "agent/config/config.h"

namespace totpilot::services {

/// Every key with value, origin and meaning.
nlohmann::ordered_json to_json(const config::Loaded& loaded);

}  // namespace totpilot::services
