#pragma once
// Arguments: what a request gives to its operation, from path, query, body and headers.
#include <nlohmann/json.hpp>

#include "agent/api/message.h"
#include "agent/api/router.h"

namespace totpilot::api {

/// invalid_input for what cannot be read, or stands in two places.
nlohmann::json arguments_of(const Incoming& incoming, const Route& route);

/// The path of a target, without its query.
std::string_view path_of(std::string_view target);

}  // namespace totpilot::api
