#include "agent/services/plans.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>

#include "agent/services/campaigns.h"
#include "agent/services/schedules.h"
#include "agent/store/accounts.h"
#include "agent/store/jobs.h"
#include "tests/unit/services/home.h"

namespace totpilot::services {
namespace {

/// A house whose plans are worked through, with the real queue and nobody who runs its jobs but the test.
class PlansAtWork : public Home {
 protected:
  PlansAtWork() {
    for (const char* name : {"anna", "bert", "cora"}) {
      AddAccount request = account(name);
      request.tags = {"team"};
      request.password.command = "pass show it";
      run(add_account(house(), std::move(request)));
      house().store().write([&](store::WriteTransaction& transaction) {
        auto row = store::require_account(transaction, name);
        row.app = "redmine";
        store::update_account(transaction, row);
      });
    }
  }

  /// `work` while hub and plans run; both are stopped after it.
  void while_they_work(std::function<task<void>(Plans&, EventHub&)> work) {
    EventHub hub(context_.get_executor(), house().store(), house().pool());
    Plans plans(context_.get_executor(), house());
    house().desk().attach(nullptr, &hub);
    const auto quietly = [](const std::exception_ptr& error) { EXPECT_FALSE(error); };
    run_to_end(context_, [&]() -> task<void> {
      ReplySlot<bool> over(context_.get_executor());
      ReplySlot<bool> heard(context_.get_executor());
      boost::asio::co_spawn(context_, hub.run(), quietly);
      boost::asio::co_spawn(context_, plans.listen(hub), [&](const std::exception_ptr&) { heard.set(true); });
      boost::asio::co_spawn(context_, plans.run(), [&](const std::exception_ptr&) { over.set(true); });
      co_await work(plans, hub);
      plans.stop();
      co_await over.wait(soon(), "the plans");
      hub.stop();
      co_await heard.wait(soon(), "the hub");
    }());
    house().desk().attach(nullptr, nullptr);
  }
  static Deadline soon() { return Deadline::after(std::chrono::seconds(60)); }

  static task<std::vector<JobId>> next_jobs(Subscription& queued, std::size_t count) {
    std::vector<JobId> jobs;
    while (jobs.size() < count) {
      const auto batch = co_await queued.next(soon());
      if (batch.events.empty()) throw Failure(Outcome::kTimedOut, "no job was queued");
      for (const auto& event : batch.events) jobs.push_back(event.job);
    }
    co_return jobs;
  }
  void end_well(const JobId& job) {
    house().store().write([&](store::WriteTransaction& transaction) {
      const TimePoint now = house().clock().now();
      const auto claimed = store::claim_job(transaction, job, WorkerId::make(now), now, now + std::chrono::minutes(1));
      store::finish_job(transaction, store::fence_of(*claimed), {store::JobState::kDone, "ok", "", now, "{}"});
    });
  }

  Caller caller_ = Caller::local(1);
};

TEST_F(PlansAtWork, TheEndOfTheCanarysJobBringsTheRestOfTheCampaign) {
  while_they_work([&](Plans&, EventHub& hub) -> task<void> {
    const auto queued = hub.subscribe({.types = {"job.queued"}});
    PlanCampaign request;
    request.name = "autumn";
    request.tag = "team";
    co_await plan_campaign(house(), caller_, std::move(request));
    co_await start_campaign(house(), caller_, {"autumn", false});
    const auto canary = co_await next_jobs(*queued, 1);
    end_well(canary.front());
    hub.wake();
    EXPECT_EQ((co_await next_jobs(*queued, 2)).size(), 2U);
  });
  const auto view = run(show_campaign(house(), "autumn"));
  EXPECT_EQ(view.row.state, store::CampaignState::kRunning);
  EXPECT_EQ(view.counts.done, 1);
}

TEST_F(PlansAtWork, AScheduleThatIsDueSubmitsItsJobsToTheQueue) {
  AddSchedule request;
  request.name = "often";
  request.cron = "* * * * *";
  request.kind = "check";
  request.tag = "team";
  run(add_schedule(house(), caller_, std::move(request)));
  run_to_end(context_, house().clock().wait_until(house().clock().now() + std::chrono::minutes(1), soon()));
  while_they_work([&](Plans&, EventHub& hub) -> task<void> {
    const auto queued = hub.subscribe({.types = {"job.queued"}});
    EXPECT_EQ((co_await next_jobs(*queued, 3)).size(), 3U);
  });
  EXPECT_TRUE(run(show_schedule(house(), "often")).row.last_due);
}

TEST_F(PlansAtWork, RunNowSubmitsAtOnceAndLeavesTheTimesAsTheyAre) {
  AddSchedule request;
  request.name = "yearly";
  request.cron = "@yearly";
  request.kind = "check";
  request.tag = "team";
  request.blackouts = {"mon-sat 00:00-24:00", "sun 00:00-23:59"};
  const auto added = run(add_schedule(house(), caller_, std::move(request)));
  EXPECT_EQ(run(run_schedule_now(house(), "yearly")).jobs.submitted, 3);
  EXPECT_EQ(run(show_schedule(house(), "yearly")).row.next_due, added.row.next_due);
  EXPECT_EQ(run(list_jobs(house(), ListJobs{})).jobs.size(), 3U);
}

}  // namespace
}  // namespace totpilot::services
