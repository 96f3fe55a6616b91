#include "agent/services/approvals.h"

#include <fmt/format.h>

#include "agent/services/house.h"
#include "agent/services/rows.h"
#include "agent/store/access.h"
#include "agent/store/accounts.h"
#include "agent/store/members.h"

namespace totpilot::services {
namespace {

constexpr auto kApprovalHolds = std::chrono::hours(1);

ApprovalView view_of(store::ReadTransaction& transaction, const store::ApprovalRow& row) {
  const auto account = store::find_account(transaction, AccountId::from(row.account));
  return {row.id,      row.act,       account ? account->name : row.account, row.object, row.asked_by, row.asked,
          row.expires, row.granted_by};
}

/// The person behind a caller: a token's asker and its member are one.
std::string person(store::ReadTransaction& transaction, const Caller& caller) {
  if (!caller.member) return caller.name;
  const auto member = store::find_member(transaction, *caller.member);
  return "member:" + (member ? member->name : caller.member->str());
}

}  // namespace

nlohmann::ordered_json to_json(const ApprovalView& approval) {
  return {{"id", approval.id.str()},
          {"act", approval.act},
          {"account", approval.account},
          {"object", approval.object},
          {"asked_by", approval.asked_by},
          {"asked", to_iso(approval.asked)},
          {"expires", to_iso(approval.expires)},
          {"granted_by", approval.granted_by}};
}

task<void> use_approval(House& house, const Caller& caller, std::string act, std::string account, std::string object) {
  co_await house.open_store();
  const std::string wanted = co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      const TimePoint now = house.clock().now();
      store::ApprovalRow row;
      row.act = act;
      row.account = store::require_account(transaction, account).id.str();
      row.object = object;
      row.asked_by = person(transaction, caller);
      if (const auto open = store::find_open_approval(transaction, row, now)) {
        if (store::use_approval(transaction, open->id, now)) return std::string();
        return open->id.str();
      }
      row.id = ApprovalId::make(now);
      row.asked = now;
      row.expires = now + kApprovalHolds;
      store::insert_approval(transaction, row);
      return row.id.str();
    });
  });
  if (wanted.empty()) co_return;
  throw Failure(Outcome::kApprovalRequired, fmt::format("{} needs a second person: {}", act, wanted),
                fmt::format("another owner or super admin grants it within the hour: totpilot approval grant {}; then "
                            "repeat it",
                            wanted));
}

task<std::vector<ApprovalView>> list_approvals(House& house) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().read([&](store::ReadTransaction& transaction) {
      std::vector<ApprovalView> views;
      for (const auto& row : store::list_open_approvals(transaction, house.clock().now()))
        views.push_back(view_of(transaction, row));
      return views;
    });
  });
}

task<ApprovalView> grant_approval(House& house, const Caller& caller, std::string approval) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      const auto row = store::find_approval(transaction, ApprovalId::from(approval));
      if (!row) throw Failure(Outcome::kNotFound, "there is no such approval", "totpilot approval list");
      const std::string granter = person(transaction, caller);
      if (row->asked_by == granter)
        throw Failure(Outcome::kForbidden, "who asked cannot grant it too", "it takes a second person");
      if (!store::grant_approval(transaction, row->id, granter, house.clock().now()))
        throw Failure(Outcome::kNotFound, "this approval was granted already, or its hour is over");
      return view_of(transaction, *store::find_approval(transaction, row->id));
    });
  });
}

}  // namespace totpilot::services
