#pragma once
// CampaignPlanner: what a campaign would do for each account, and the accounts of its file made. For campaigns.cpp
// alone. Blocking; inside one write of the store, so that all of it is kept or nothing.
#include <map>
#include <string>
#include <vector>

#include "agent/services/campaigns.h"
#include "agent/services/house.h"
#include "agent/services/readers.h"
#include "agent/services/roster.h"
#include "agent/store/people_rows.h"

namespace totpilot::services {

class CampaignPlanner {
 public:
  CampaignPlanner(House& house, const Caller& caller, const PlanCampaign& request,
                  store::WriteTransaction& transaction);

  void plan_tag();
  /// Makes the accounts that are not there yet (but for a dry run), with their shares and sealed passwords.
  void plan_roster(const Roster& roster);

  std::vector<PlannedItem> take() { return std::move(items_); }

 private:
  struct Access {
    std::vector<store::ShareRow> shares;  // without account
    bool others = false;                  // somebody else is among them
  };
  void plan_line(const RosterLine& line);
  store::AccountRow new_account(const RosterLine& line);
  Access access_of(const RosterLine& line);
  void add_share(Access& access, const RosterLine& line, const std::string& name, std::string_view role);
  void put_shares(const AccountId& account, const Access& access);
  /// With what the playbooks say.
  std::string plan_of(const store::AccountRow& account);
  const std::optional<playbook::Playbook>& playbook_of(const std::string& app);
  void require_origins(const RosterLine& line);

  House& house_;
  const Caller& caller_;
  const PlanCampaign& request_;
  store::WriteTransaction& transaction_;
  OtherReaders readers_;
  TimePoint now_;
  playbook::PlaybookLibrary library_;
  std::map<std::string, std::optional<playbook::Playbook>> apps_;  // nothing: there is none that can be followed
  std::vector<std::string> problems_;
  std::vector<PlannedItem> items_;
};

}  // namespace totpilot::services
