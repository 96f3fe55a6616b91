#pragma once
// The audit trail of services: what an act's records say, and the order that makes it fail closed. A code or secret
// leaves only when its record is on the disk; a change begins only then.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "agent/base/async.h"
#include "agent/services/caller.h"
#include "agent/services/roles.h"

namespace totpilot::services {

class House;

struct Act {
  std::string name;     // an operation's, or a word like it: "session.sign_in"
  std::string account;  // name or id, as it was given; empty: none
  std::string object;   // what else it is about: a factor's id, a member's name; never a secret
  nlohmann::ordered_json detail = nlohmann::ordered_json::object();
};

/// Opens the vault, whose key ties the records. The account's id is looked up; a name that is no account's stands in
/// the detail.
task<void> record(House& house, const Caller& caller, Act act, std::string outcome);

/// Records that it was refused or failed where that can be; what kept it from the disk is only logged.
task<void> record_failure(House& house, const Caller& caller, Act act, Outcome outcome);

/// Runs `work` with its records before and after, as `audited` says. What throws before the first record is on the disk
/// keeps `work` from starting (a change) or its result from leaving (what is given).
template <class T>
task<T> with_records(House& house, const Caller& caller, Act act, Audited audited, task<T> work) {
  if (audited == Audited::kBeforeAndAfter) co_await record(house, caller, act, "begun");
  std::optional<T> result;
  std::optional<Outcome> failed;
  std::exception_ptr error;
  try {
    result.emplace(co_await std::move(work));
  } catch (const Failure& failure) {
    failed = failure.code();
    error = std::current_exception();
  } catch (...) {
    failed = Outcome::kInternal;
    error = std::current_exception();
  }
  if (failed) {
    if (audited != Audited::kNo) co_await record_failure(house, caller, std::move(act), *failed);
    std::rethrow_exception(error);
  }
  if (audited != Audited::kNo) co_await record(house, caller, std::move(act), "ok");
  co_return std::move(*result);
}

}  // namespace totpilot::services
