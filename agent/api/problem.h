#pragma once
// Problem: what went wrong, as RFC 9457 problem+json with our outcome code, message and hint. The table from outcome to
// HTTP status is here and nowhere else.
#include <string_view>

#include "agent/api/message.h"
#include "agent/base/failure.h"

namespace totpilot::api {

unsigned http_status(Outcome outcome);

/// With the status of its outcome.
Reply problem(const Failure& failure, std::string_view request_id);
/// With another one, where HTTP is more exact: 404 for a path, 413, 431.
Reply problem(unsigned status, const Failure& failure, std::string_view request_id);

/// The table as docs/api.md has it.
std::string problem_table();

}  // namespace totpilot::api
