#pragma once
// Admission: may this caller do this now? Scope, role, the role on the account, a proof that is recent enough, a second
// person. Every door asks here: perform(), and the command line on the machine itself.
#include <string>
#include <string_view>

#include "agent/base/async.h"
#include "agent/services/audit_trail.h"
#include "agent/services/caller.h"

namespace totpilot::services {

class House;

/// What a call is about, taken from its arguments before they are taken apart.
struct Subject {
  std::string account;  // name or id; empty: none
  std::string object;
};

/// forbidden, not_found for an account that the caller may not even know of, proof_required, approval_required. Gives
/// the operation's rule; one without a rule is nobody's.
task<const Rule*> admit(House& house, const Caller& caller, std::string operation, Subject subject);

/// A service with all that perform() puts around it, for callers in this process: admitted, and recorded.
template <class T>
task<T> guarded(House& house, const Caller& caller, Act act, task<T> work) {
  const Rule* rule = co_await admit(house, caller, act.name, {act.account, act.object});
  co_return co_await with_records(house, caller, std::move(act), rule->audited, std::move(work));
}

/// May the caller see this account (name or id) at all? Inside no transaction; blocking.
bool may_see(House& house, const Caller& caller, const std::string& account);
/// Whether the caller sees every account by role.
bool sees_all(const Caller& caller);

}  // namespace totpilot::services
