#pragma once
// Teams and shares: which member may use which account, by name or by a team, and until when.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "agent/services/caller.h"
#include "agent/services/roles.h"

namespace totpilot::store {
class ReadTransaction;
}

namespace totpilot::services {

class House;

struct TeamView {
  TeamId id;
  std::string name;
  std::vector<std::string> members;  // names
};
nlohmann::ordered_json to_json(const TeamView& team);

struct ChangeTeam {
  std::string team;
  std::vector<std::string> add_members;
  std::vector<std::string> remove_members;
};
task<TeamView> add_team(House& house, std::string name);
task<std::vector<TeamView>> list_teams(House& house);
task<TeamView> change_team(House& house, ChangeTeam request);
task<TeamView> remove_team(House& house, std::string team);

struct ShareView {
  ShareId id;
  std::string account;
  std::string member;  // one of the two
  std::string team;
  std::string role;
  bool password = false;
  TimePoint created;
  std::string created_by;
  std::optional<TimePoint> expires;
  bool over = false;
};
nlohmann::ordered_json to_json(const ShareView& share);

struct AddShare {
  std::string account;
  std::string member;
  std::string team;
  std::string role = "collaborator";
  bool password = false;
  int hours = 0;  // 0: until it is taken back
};
/// share.add: in the place of an earlier one for the same member or team.
task<ShareView> add_share(House& house, const Caller& caller, AddShare request);
/// share.list: of one account, or all when it is empty.
task<std::vector<ShareView>> list_shares(House& house, std::string account);
struct RemoveShare {
  std::string account;
  std::string share;  // its id
};
/// share.remove. not_found for a share of another account.
task<ShareView> remove_share(House& house, RemoveShare request);

/// What shares make of a member on an account at this time. Inside a transaction.
AccountRole shared_role(store::ReadTransaction& transaction, const MemberId& member, const AccountId& account,
                        TimePoint now);
/// May a member have the account's password by a share?
bool shares_password(store::ReadTransaction& transaction, const MemberId& member, const AccountId& account,
                     TimePoint now);

}  // namespace totpilot::services
