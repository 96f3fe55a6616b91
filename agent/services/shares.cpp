#include "agent/services/shares.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/services/house.h"
#include "agent/services/rows.h"
#include "agent/store/access.h"
#include "agent/store/accounts.h"
#include "agent/store/members.h"

namespace totpilot::services {
namespace {

constexpr int kLongestShareHours = 24 * 366;

TeamView view_of(store::ReadTransaction& transaction, const store::TeamRow& row) {
  TeamView view{row.id, row.name, {}};
  for (const MemberId& id : store::list_team_members(transaction, row.id))
    if (const auto member = store::find_member(transaction, id)) view.members.push_back(member->name);
  std::ranges::sort(view.members);
  return view;
}

ShareView view_of(store::ReadTransaction& transaction, const store::ShareRow& row, TimePoint now) {
  ShareView view;
  view.id = row.id;
  if (const auto account = store::find_account(transaction, row.account)) view.account = account->name;
  if (const auto member = store::find_member(transaction, row.member)) view.member = member->name;
  if (const auto team = store::find_team(transaction, row.team)) view.team = team->name;
  view.role = row.role;
  view.password = row.password;
  view.created = row.created;
  view.created_by = row.created_by;
  view.expires = row.expires;
  view.over = row.expires && *row.expires <= now;
  return view;
}

void require_sane(const AddShare& request) {
  if (request.member.empty() == request.team.empty())
    throw Failure(Outcome::kInvalidInput, "an account is shared with a member or a team", "name one of the two");
  if (request.role != account_role_name(AccountRole::kCollaborator) &&
      request.role != account_role_name(AccountRole::kOwner))
    throw Failure(Outcome::kInvalidInput, "that is no role on an account", "collaborator or owner");
  if (request.hours < 0 || request.hours > kLongestShareHours)
    throw Failure(Outcome::kInvalidInput, "a share holds for 1 to 8784 hours; 0 is until it is taken back");
}

}  // namespace

nlohmann::ordered_json to_json(const TeamView& team) {
  return {{"id", team.id.str()}, {"name", team.name}, {"members", team.members}};
}

nlohmann::ordered_json to_json(const ShareView& share) {
  return {{"id", share.id.str()},
          {"account", share.account},
          {"member", share.member},
          {"team", share.team},
          {"role", share.role},
          {"password", share.password},
          {"created", to_iso(share.created)},
          {"created_by", share.created_by},
          {"expires", json_time(share.expires)},
          {"over", share.over}};
}

task<TeamView> add_team(House& house, std::string name) {
  if (name.empty() || name.size() > 64) throw Failure(Outcome::kInvalidInput, "a team's name has 1 to 64 characters");
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      const TimePoint now = house.clock().now();
      const store::TeamRow team{TeamId::make(now), name, now};
      store::insert_team(transaction, team);
      return view_of(transaction, team);
    });
  });
}

task<std::vector<TeamView>> list_teams(House& house) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().read([](store::ReadTransaction& transaction) {
      std::vector<TeamView> views;
      for (const auto& row : store::list_teams(transaction)) views.push_back(view_of(transaction, row));
      return views;
    });
  });
}

task<TeamView> change_team(House& house, ChangeTeam request) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      const store::TeamRow team = store::require_team(transaction, request.team);
      for (const std::string& name : request.add_members)
        store::add_team_member(transaction, team.id, store::require_member(transaction, name).id);
      for (const std::string& name : request.remove_members)
        store::remove_team_member(transaction, team.id, store::require_member(transaction, name).id);
      return view_of(transaction, team);
    });
  });
}

task<TeamView> remove_team(House& house, std::string name) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      const TeamView view = view_of(transaction, store::require_team(transaction, name));
      store::delete_team(transaction, view.id);
      return view;
    });
  });
}

task<ShareView> add_share(House& house, const Caller& caller, AddShare request) {
  require_sane(request);
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      store::ShareRow share;
      share.created = house.clock().now();
      share.id = ShareId::make(share.created);
      share.account = store::require_account(transaction, request.account).id;
      if (!request.member.empty()) share.member = store::require_member(transaction, request.member).id;
      if (!request.team.empty()) share.team = store::require_team(transaction, request.team).id;
      share.role = request.role;
      share.password = request.password;
      share.created_by = caller.name;
      if (request.hours > 0) share.expires = share.created + std::chrono::hours(request.hours);
      store::put_share(transaction, share);
      return view_of(transaction, share, share.created);
    });
  });
}

task<std::vector<ShareView>> list_shares(House& house, std::string account) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().read([&](store::ReadTransaction& transaction) {
      const AccountId id = account.empty() ? AccountId() : store::require_account(transaction, account).id;
      std::vector<ShareView> views;
      for (const auto& row : store::list_shares(transaction, id))
        views.push_back(view_of(transaction, row, house.clock().now()));
      return views;
    });
  });
}

task<ShareView> remove_share(House& house, RemoveShare request) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      const AccountId account = store::require_account(transaction, request.account).id;
      const auto share = store::find_share(transaction, ShareId::from(request.share));
      if (!share || share->account != account)
        throw Failure(Outcome::kNotFound, "the account has no such share", "totpilot share list ACCOUNT");
      const ShareView view = view_of(transaction, *share, house.clock().now());
      store::delete_share(transaction, share->id);
      return view;
    });
  });
}

AccountRole shared_role(store::ReadTransaction& transaction, const MemberId& member, const AccountId& account,
                        TimePoint now) {
  AccountRole best = AccountRole::kNone;
  for (const auto& share : store::list_shares_of_member(transaction, member, now))
    if (share.account == account)
      best = std::max(best, share.role == account_role_name(AccountRole::kOwner) ? AccountRole::kOwner
                                                                                 : AccountRole::kCollaborator);
  return best;
}

bool shares_password(store::ReadTransaction& transaction, const MemberId& member, const AccountId& account,
                     TimePoint now) {
  return std::ranges::any_of(store::list_shares_of_member(transaction, member, now), [&](const auto& share) {
    return share.account == account && (share.password || share.role == account_role_name(AccountRole::kOwner));
  });
}

}  // namespace totpilot::services
