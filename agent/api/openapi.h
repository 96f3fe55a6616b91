#pragma once
// OpenAPI 3.1 of the rows: docs/openapi.json, and what GET /v1/openapi.json answers.
#include <nlohmann/json.hpp>
#include <span>

#include "agent/services/operation.h"

namespace totpilot::api {

nlohmann::ordered_json openapi(std::span<const services::Operation> operations);

}  // namespace totpilot::api
