#pragma once
// perform: the only door from JSON to an operation, for the API, MCP and a remote command line: checks the right, then
// runs the row.
#include <nlohmann/json.hpp>

#include "agent/base/async.h"
#include "agent/base/deadline.h"
#include "agent/services/caller.h"
#include "agent/services/operation.h"
#include "agent/services/progress.h"

namespace totpilot::services {

class House;

/// One call of an operation. The arguments are taken apart by it.
struct Call {
  House& house;
  const Caller& caller;
  nlohmann::json arguments;
  ProgressListener& listener;
  Deadline deadline;
};

/// forbidden when the caller lacks the scope, or when the operation is done on the machine itself only; else what the
/// operation throws.
task<nlohmann::ordered_json> perform(const Operation& operation, Call& call);

/// The first half of perform() alone, for a job that is queued now and run later.
void require_allowed(const Operation& operation, const Caller& caller);

}  // namespace totpilot::services
