#include "agent/services/housekeeping.h"

#include <boost/asio/co_spawn.hpp>

#include "agent/services/queue.h"
#include "agent/store/job_events.h"
#include "agent/store/jobs.h"
#include "tests/unit/services/home.h"

namespace totpilot::services {
namespace {

using namespace std::chrono_literals;

class HousekeepingTest : public Home {
 protected:
  HousekeepingTest() {
    add();
    run(house().open_store());
  }
  TimePoint days_ago(int days) { return house().clock().now() - std::chrono::days(days); }
  /// A job that ended so long ago, with its report.
  JobId ended(int days) {
    store::JobRow row;
    row.id = JobId::make(days_ago(days));
    row.kind = "check";
    row.request = "{}";
    row.created = days_ago(days);
    house().store().write([&](store::WriteTransaction& transaction) {
      row.account = store::list_accounts(transaction).front().id;
      store::insert_job(transaction, row);
      store::cancel_job(transaction, row.id, days_ago(days));
    });
    const auto report = house().reports() / row.id.str();
    std::filesystem::create_directories(report);
    std::filesystem::last_write_time(report, std::filesystem::file_time_type::clock::now() - std::chrono::days(days));
    return row.id;
  }
  bool has_row(const JobId& id) {
    return house().store().read(
        [&](store::ReadTransaction& transaction) { return store::find_job(transaction, id).has_value(); });
  }
  bool has_events(const JobId& id) {
    return house().store().read(
        [&](store::ReadTransaction& transaction) { return !store::list_job_events(transaction, {.job = id}).empty(); });
  }
  bool has_report(const JobId& id) { return std::filesystem::exists(house().reports() / id.str()); }
};

TEST_F(HousekeepingTest, ReportsAndEventsGoByTheirSettingAndJobsByTheirs) {
  const JobId young = ended(29);
  const JobId middle = ended(31);
  const JobId old = ended(91);
  std::filesystem::create_directories(house().reports() / "notes");

  const Swept swept = sweep(house());

  EXPECT_EQ(swept.reports, 2);
  EXPECT_EQ(swept.jobs, 1);
  EXPECT_TRUE(has_report(young) && has_events(young) && has_row(young));
  EXPECT_FALSE(has_report(middle) || has_events(middle));
  EXPECT_TRUE(has_row(middle));
  EXPECT_FALSE(has_report(old) || has_events(old) || has_row(old));
  EXPECT_TRUE(std::filesystem::exists(house().reports() / "notes")) << "it is not ours";
}

TEST_F(HousekeepingTest, ZeroKeepsAll) {
  config_.report_keep_days = 0;
  config_.jobs.keep_days = 0;
  open();
  run(house().open_store());
  const JobId old = ended(2000);
  sweep(house());
  EXPECT_TRUE(has_report(old) && has_events(old) && has_row(old));
}

TEST_F(HousekeepingTest, ItIsDoneAtTheStartAndAgainAndAgain) {
  Housekeeper keeper(context_.get_executor(), house(), 1ms);
  bool over = false;
  context_.restart();
  boost::asio::co_spawn(context_, keeper.run(), [&](const std::exception_ptr& error) {
    EXPECT_FALSE(error);
    over = true;
  });
  for (int round = 0; round < 2; ++round) {
    const JobId old = ended(91);
    while (has_row(old)) context_.run_one();
  }
  keeper.stop();
  while (!over) context_.run_one();
}

}  // namespace
}  // namespace totpilot::services
