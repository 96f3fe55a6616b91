#pragma once
// CampaignDriver: works through campaigns that were started: submits the canary, looks how its jobs ended, goes on with
// the rest or stops. Never more jobs at once than failures are still allowed, so that the limit holds. Woken by the end
// of jobs and by whoever changes a campaign; what it knows is in the store. On the house's io_context.
#include "agent/services/scheduler.h"
#include "agent/store/campaigns.h"

namespace totpilot::services {

/// What is next for a campaign whose items are known. Pure.
struct CampaignTurn {
  std::optional<store::CampaignState> to;  // nothing: it stays
  std::string remark;
  std::vector<int> submit;  // indices of items
};
CampaignTurn next_turn(const store::CampaignRow& campaign, const std::vector<store::CampaignItemRow>& items);

class CampaignDriver {
 public:
  /// `cancel`: a queued job of a campaign that was stopped.
  using Cancel = std::function<task<void>(JobId job)>;

  CampaignDriver(const boost::asio::any_io_executor& executor, PlanParts parts, Cancel cancel);
  CampaignDriver(const CampaignDriver&) = delete;
  CampaignDriver& operator=(const CampaignDriver&) = delete;

  /// Until stop().
  task<void> run();
  /// A campaign has changed, or a job has ended.
  void wake() { alarm_.wake(); }
  void stop();

  /// Brings each campaign as far as it can go now.
  task<void> look();

 private:
  task<void> advance(store::CampaignRow campaign);
  std::vector<store::CampaignItemRow> settle(const store::CampaignRow& campaign, std::vector<JobId>& to_cancel);
  task<void> submit(const store::CampaignRow& campaign, store::CampaignItemRow item);
  task<bool> move(const store::CampaignRow& campaign, const CampaignTurn& turn);

  PlanParts parts_;
  Cancel cancel_;
  Alarm alarm_;
  bool stopping_ = false;
};

}  // namespace totpilot::services
