#pragma once
// Campaigns: the same for many accounts once: planned from a tag or a CSV file, begun with a canary, stopped after so
// many failures. The daemon's CampaignDriver works through them. Whoever names a campaign may give its name or its id.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "agent/base/secret.h"
#include "agent/services/caller.h"
#include "agent/store/campaigns.h"

namespace totpilot::services {

class House;

struct PlanCampaign {
  std::string name;
  std::string kind = "enroll";
  std::string tag;            // the accounts that have it
  std::optional<Secret> csv;  // or a file: see roster.h; its accounts are added, their passwords sealed
  std::string app;            // of accounts in the file that name none
  int canary = 1;
  int stop_after_failures = 3;  // 0: never
  bool insecure_http = false;
  bool dry_run = false;  // only told, nothing kept
};

/// What is planned for one account.
struct PlannedItem {
  AccountId account;  // empty: not added yet
  std::string name;
  std::string
      plan;  // the kind itself, or why not: "already_on", "unsettled", "no_playbook", "no_password", "name_clash"
  bool added = false;    // from the file
  bool readable = true;  // somebody else than the caller can read its codes
};

struct CampaignView {
  store::CampaignRow row;
  store::CampaignCounts counts;
  std::vector<store::CampaignItemRow> items;  // of campaign.show
};

struct CampaignPlan {
  std::optional<CampaignView> campaign;  // nothing with dry_run
  std::vector<PlannedItem> items;
  std::vector<std::string> remarks;
};

struct StartCampaign {
  std::string campaign;
  bool accept_alone = false;  // also where nobody else could read an account's codes
};

nlohmann::ordered_json to_json(const CampaignView& campaign);
nlohmann::ordered_json to_json(const CampaignPlan& plan);

/// campaign.plan. invalid_input with every bad line of the file; already_exists.
task<CampaignPlan> plan_campaign(House& house, const Caller& caller, PlanCampaign request);
/// campaign.start: the canary first. invalid_input when there is nothing to do, or when accounts are left whose codes
/// nobody else could read, in a workspace with members.
task<CampaignView> start_campaign(House& house, const Caller& caller, StartCampaign request);
/// campaign.pause: what is submitted goes on.
task<CampaignView> pause_campaign(House& house, std::string campaign);
task<CampaignView> resume_campaign(House& house, std::string campaign);
/// campaign.stop: for good; jobs that have not begun are cancelled.
task<CampaignView> stop_campaign(House& house, std::string campaign);
/// campaign.list, newest first, without items.
task<std::vector<CampaignView>> list_campaigns(House& house);
task<CampaignView> show_campaign(House& house, std::string campaign);
/// campaign.result: a line for each account, as CSV.
task<std::string> campaign_result(House& house, std::string campaign);

}  // namespace totpilot::services
