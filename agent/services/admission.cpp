#include "agent/services/admission.h"

#include <fmt/format.h>

#include "agent/services/approvals.h"
#include "agent/services/house.h"
#include "agent/services/roles.h"
#include "agent/services/shares.h"
#include "agent/services/sign_in.h"
#include "agent/store/accounts.h"

namespace totpilot::services {
namespace {

AccountRole role_on(House& house, const Caller& caller, const AccountId& account) {
  AccountRole shared = AccountRole::kNone;
  if (caller.member && !sees_all(caller))
    shared = house.store().read([&](store::ReadTransaction& transaction) {
      return shared_role(transaction, *caller.member, account, house.clock().now());
    });
  return effective(caller.role, shared);
}

/// As if it were not there: a name that is guessed tells nothing.
Failure unknown_account(const std::string& name) {
  return Failure(Outcome::kNotFound, fmt::format("there is no account {} that you may see", name),
                 "totpilot account list");
}

std::optional<store::AccountRow> account_named(House& house, const std::string& name) {
  return house.store().read([&](store::ReadTransaction& transaction) {
    auto found = store::find_account_by_name(transaction, name);
    return found ? found : store::find_account(transaction, AccountId::from(name));
  });
}

AccountRole role_on_named(House& house, const Caller& caller, const std::string& name) {
  const auto account = account_named(house, name);
  if (!account && sees_all(caller)) return AccountRole::kOwner;  // the operation says what is near
  const AccountRole role = account ? role_on(house, caller, account->id) : AccountRole::kNone;
  if (role == AccountRole::kNone) throw unknown_account(name);
  return role;
}

void require_proof(House& house, const Caller& caller, const Rule& rule) {
  if (rule.proof == Proof::kNone || caller.token) return;
  if (caller.proven_at && *caller.proven_at + kProofHolds > house.clock().now()) return;
  throw Failure(Outcome::kProofRequired,
                fmt::format("{} wants password and code, given within the last five minutes", rule.operation));
}

Failure too_low(const Rule& rule, const Caller& caller, Refusal refusal) {
  if (refusal == Refusal::kRole)
    return Failure(Outcome::kForbidden, fmt::format("{} is for members who are {} or higher; {} is {}", rule.operation,
                                                    role_name(rule.least), caller.name, role_name(caller.role)));
  return Failure(
      Outcome::kForbidden,
      fmt::format("{} is for those who are {} of the account", rule.operation, account_role_name(rule.account)),
      "ask an owner of the account for a share");
}

task<void> admit_member(House& house, const Caller& caller, const Rule& rule, const std::string& account) {
  if (const auto refusal = judge(rule, caller.role, AccountRole::kOwner); refusal == Refusal::kRole)
    throw too_low(rule, caller, refusal);
  AccountRole role = account_role_of(caller.role);
  if (rule.account != AccountRole::kNone && !account.empty()) {
    co_await house.open_store();
    role = co_await house.blocking([&] { return role_on_named(house, caller, account); });
  }
  if (const auto refusal = judge(rule, caller.role, role); refusal != Refusal::kNone)
    throw too_low(rule, caller, refusal);
  require_proof(house, caller, rule);
}

}  // namespace

bool sees_all(const Caller& caller) { return caller.at_home || account_role_of(caller.role) == AccountRole::kOwner; }

bool may_see(House& house, const Caller& caller, const std::string& account) {
  if (sees_all(caller)) return true;
  const auto found = account_named(house, account);
  return found && role_on(house, caller, found->id) != AccountRole::kNone;
}

task<const Rule*> admit(House& house, const Caller& caller, std::string operation, Subject subject) {
  const Rule* rule = find_rule(operation);
  if (rule == nullptr) throw Failure(Outcome::kForbidden, fmt::format("nobody was given the right to {}", operation));
  if (!caller.at_home) co_await admit_member(house, caller, *rule, subject.account);
  if (operation == "factor.export" && house.config().people.two_for_export)
    co_await use_approval(house, caller, operation, subject.account, subject.object);
  co_return rule;
}

}  // namespace totpilot::services
