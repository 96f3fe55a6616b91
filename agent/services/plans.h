#pragma once
// Plans: the house's schedules and campaigns, worked through until stopped. On the house's io_context; ends before the
// event hub that it listens to.
#include "agent/services/campaign_driver.h"
#include "agent/services/event_hub.h"
#include "agent/services/scheduler.h"

namespace totpilot::services {

class House;

class Plans {
 public:
  /// After open_store().
  Plans(const boost::asio::any_io_executor& executor, House& house);
  ~Plans();
  Plans(const Plans&) = delete;
  Plans& operator=(const Plans&) = delete;

  /// Until stop(); submits nothing more then.
  task<void> run();
  void stop();
  /// Minds the ends of jobs, until the hub ends.
  task<void> listen(EventHub& hub);

 private:
  boost::asio::any_io_executor executor_;
  House& house_;
  Scheduler scheduler_;
  CampaignDriver campaigns_;
};

}  // namespace totpilot::services
