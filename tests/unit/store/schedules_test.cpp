#include "agent/store/schedules.h"

#include <gtest/gtest.h>

#include "agent/store/accounts.h"
#include "agent/store/campaigns.h"
#include "agent/store/connection.h"
#include "agent/store/migrations.h"
#include "tests/unit/store/scratch.h"

namespace totpilot::store {
namespace {

ScheduleRow a_schedule(const std::string& name = "weekly") {
  ScheduleRow schedule;
  schedule.id = ScheduleId::make(at(0));
  schedule.name = name;
  schedule.cron = "0 3 * * mon";
  schedule.zone = "Europe/Berlin";
  schedule.kind = "check";
  schedule.tag = "ci";
  schedule.blackouts = {"mon-fri 08:00-18:00"};
  schedule.jitter = std::chrono::minutes(5);
  schedule.next_due = at(1000);
  schedule.created = schedule.updated = at(0);
  return schedule;
}

CampaignRow a_campaign() {
  CampaignRow campaign;
  campaign.id = CampaignId::make(at(0));
  campaign.name = "autumn";
  campaign.kind = "enroll";
  campaign.created = at(0);
  return campaign;
}

TEST(Schedules, AreFoundByNameAndIdWithAllTheyHold) {
  const Scratch scratch;
  const auto store = scratch.open();
  const ScheduleRow schedule = a_schedule();
  store->write([&](WriteTransaction& transaction) { insert_schedule(transaction, schedule); });
  const ScheduleRow found =
      store->read([&](ReadTransaction& transaction) { return require_schedule(transaction, schedule.id.str()); });
  EXPECT_EQ(found.name, "weekly");
  EXPECT_EQ(found.blackouts, schedule.blackouts);
  EXPECT_EQ(found.jitter, schedule.jitter);
  EXPECT_EQ(found.next_due, at(1000));
  EXPECT_EQ(found.pending_due, std::nullopt);
}

TEST(Schedules, ANameIsTakenOnce) {
  const Scratch scratch;
  const auto store = scratch.open();
  store->write([&](WriteTransaction& transaction) { insert_schedule(transaction, a_schedule()); });
  EXPECT_EQ(outcome_of([&] {
              store->write([&](WriteTransaction& transaction) { insert_schedule(transaction, a_schedule()); });
            }),
            Outcome::kAlreadyExists);
}

TEST(Schedules, ADueMomentIsPassedByOneOnly) {
  const Scratch scratch;
  const auto store = scratch.open();
  const ScheduleRow schedule = a_schedule();
  const DueStep step{.was = at(1000), .pending = at(1000), .next = at(2000), .remark = ""};
  store->write([&](WriteTransaction& transaction) {
    insert_schedule(transaction, schedule);
    EXPECT_TRUE(pass_due(transaction, schedule.id, step));
    EXPECT_FALSE(pass_due(transaction, schedule.id, step));
    EXPECT_TRUE(settle_due(transaction, schedule.id, at(1000), "3 jobs"));
    EXPECT_FALSE(settle_due(transaction, schedule.id, at(1000), "3 jobs"));
    const auto after = require_schedule(transaction, "weekly");
    EXPECT_EQ(after.last_due, at(1000));
    EXPECT_EQ(after.next_due, at(2000));
  });
}

TEST(Campaigns, MoveOnlyFromTheStateTheyAreIn) {
  const Scratch scratch;
  const auto store = scratch.open();
  const CampaignRow campaign = a_campaign();
  store->write([&](WriteTransaction& transaction) {
    insert_campaign(transaction, campaign);
    const CampaignStep start{CampaignState::kPlanned, CampaignState::kCanary, "", at(5)};
    EXPECT_TRUE(move_campaign(transaction, campaign.id, start));
    EXPECT_FALSE(move_campaign(transaction, campaign.id, start));
    EXPECT_EQ(require_campaign(transaction, "autumn").started, at(5));
    EXPECT_TRUE(
        move_campaign(transaction, campaign.id, {CampaignState::kCanary, CampaignState::kStopped, "by hand", at(9)}));
    EXPECT_EQ(require_campaign(transaction, "autumn").ended, at(9));
  });
}

TEST(Campaigns, CountTheirItemsByState) {
  const Scratch scratch;
  const auto store = scratch.open();
  const CampaignRow campaign = a_campaign();
  store->write([&](WriteTransaction& transaction) {
    insert_campaign(transaction, campaign);
    for (int position = 1; position <= 3; ++position) {
      CampaignItemRow item;
      item.campaign = campaign.id;
      item.position = position;
      item.name = "a" + std::to_string(position);
      insert_campaign_item(transaction, item);
      item.state = position == 1 ? ItemState::kDone : ItemState::kWaiting;
      update_campaign_item(transaction, item);
    }
    const CampaignCounts counts = count_campaign_items(transaction, campaign.id);
    EXPECT_EQ(counts.done, 1);
    EXPECT_EQ(counts.waiting, 2);
  });
}

TEST(Schedules, ADatabaseOfTheFirstSchemaKeepsItsAccounts) {
  const Scratch scratch;
  std::filesystem::create_directories(scratch.path());
  const auto file = scratch.path() / "first.db";
  Connection writer(file, ConnectionRole::kWriter, std::chrono::milliseconds(200));
  migrate(writer, all_migrations().first(1), [](int) {});
  {
    WriteTransaction transaction(writer);
    insert_account(transaction, an_account());
  }
  migrate(writer, all_migrations(), [](int) {});
  WriteTransaction transaction(writer);
  EXPECT_EQ(list_accounts(transaction).size(), 1U);
  insert_schedule(transaction, a_schedule());
  EXPECT_EQ(list_schedules(transaction).size(), 1U);
}

}  // namespace
}  // namespace totpilot::store
