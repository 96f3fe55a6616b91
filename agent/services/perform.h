#pragma once
// perform: the only door from JSON to an operation, for the API, MCP and a remote command line: checks the right,
// writes the audit record, then runs the row (or runs it and writes, where what it gives must not leave without).
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

/// forbidden when the caller lacks the scope or the role, or when the operation is done on the machine itself only;
/// proof_required, approval_required; storage_failed when it cannot be recorded, and then it was not done; else what
/// the operation throws.
task<nlohmann::ordered_json> perform(const Operation& operation, Call& call);

/// The same with other work in the place of the row's: a job that is queued now and run later.
task<nlohmann::ordered_json> perform_with(const Operation& operation, Call& call, task<nlohmann::ordered_json> work);

/// The scope alone, before anything is opened.
void require_allowed(const Operation& operation, const Caller& caller);

}  // namespace totpilot::services
