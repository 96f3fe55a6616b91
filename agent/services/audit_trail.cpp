#include "agent/services/audit_trail.h"

#include <boost/asio/this_coro.hpp>

#include "agent/audit/log.h"
#include "agent/base/log.h"
#include "agent/services/house.h"
#include "agent/store/accounts.h"

namespace totpilot::services {
namespace {

/// The account's id; a name of none goes to the detail, for an account that is not made yet or was removed.
std::string account_id(House& house, Act& act) {
  if (act.account.empty()) return {};
  const auto found = house.store().read([&](store::ReadTransaction& transaction) {
    auto account = store::find_account_by_name(transaction, act.account);
    return account ? account : store::find_account(transaction, AccountId::from(act.account));
  });
  if (found) return found->id.str();
  act.detail["account"] = act.account;
  return {};
}

}  // namespace

task<void> record(House& house, const Caller& caller, Act act, std::string outcome) {
  co_await house.open_vault();
  if (act.detail.is_null()) act.detail = nlohmann::ordered_json::object();
  auto entry = co_await house.blocking([&] {
    std::string account = account_id(house, act);
    return audit::Entry{.who = caller.name,
                        .act = act.name,
                        .account = std::move(account),
                        .object = act.object,
                        .outcome = std::move(outcome),
                        .detail = std::move(act.detail)};
  });
  co_await house.audit().record(std::move(entry));
}

task<void> record_failure(House& house, const Caller& caller, Act act, Outcome outcome) {
  // Also of one that was cancelled: the record is written under a state of its own.
  co_await boost::asio::this_coro::reset_cancellation_state();
  try {
    co_await record(house, caller, std::move(act), std::string(outcome_name(outcome)));
  } catch (const Failure& failure) {
    log::warn("the audit log has no record of an act that failed: {}", failure.message());
  }
}

}  // namespace totpilot::services
