#pragma once
// Campaigns: the same done for many accounts once, and what became of each.
#include <optional>
#include <string_view>
#include <vector>

#include "agent/store/schedule_rows.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

/// Throws already_exists when the name is taken.
void insert_campaign(WriteTransaction& transaction, const CampaignRow& campaign);
void insert_campaign_item(WriteTransaction& transaction, const CampaignItemRow& item);

/// By name or id. Throws not_found.
CampaignRow require_campaign(ReadTransaction& transaction, std::string_view name_or_id);
std::optional<CampaignRow> find_campaign(ReadTransaction& transaction, const CampaignId& id);
/// Newest first.
std::vector<CampaignRow> list_campaigns(ReadTransaction& transaction);
/// Those with jobs to submit or to wait for: canary, running, and those stopped or paused whose last jobs still run.
std::vector<CampaignRow> list_live_campaigns(ReadTransaction& transaction);

struct CampaignStep {
  CampaignState from = CampaignState::kPlanned;
  CampaignState to = CampaignState::kCanary;
  std::string remark;
  TimePoint at;
};
/// False when it is not in `from` (any more).
bool move_campaign(WriteTransaction& transaction, const CampaignId& id, const CampaignStep& step);

/// In the order of their positions.
std::vector<CampaignItemRow> list_campaign_items(ReadTransaction& transaction, const CampaignId& id);
/// State, job, outcome and message.
void update_campaign_item(WriteTransaction& transaction, const CampaignItemRow& item);

struct CampaignCounts {
  int left_out = 0;
  int waiting = 0;
  int submitted = 0;
  int done = 0;
  int failed = 0;
  int cancelled = 0;
};
CampaignCounts count_campaign_items(ReadTransaction& transaction, const CampaignId& id);

}  // namespace totpilot::store
