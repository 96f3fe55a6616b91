#include "agent/services/perform.h"

#include <fmt/format.h>

#include "agent/base/failure.h"

namespace totpilot::services {

void require_allowed(const Operation& operation, const Caller& caller) {
  if (!operation.exposed() || operation.run == nullptr)
    throw Failure(Outcome::kForbidden, fmt::format("{} is done on the machine itself", operation.name),
                  "run totpilot there, as the user who owns the state directory");
  if (!caller.scopes.contains(operation.scope))
    throw Failure(Outcome::kForbidden, fmt::format("{} wants the scope {}, which {} does not have", operation.name,
                                                   scope_name(operation.scope), caller.name));
}

task<nlohmann::ordered_json> perform(const Operation& operation, Call& call) {
  require_allowed(operation, call.caller);
  co_return co_await operation.run(call);
}

}  // namespace totpilot::services
