#include "agent/services/scheduler.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "agent/store/accounts.h"
#include "agent/store/factors.h"
#include "agent/store/schedules.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/store/scratch.h"

namespace totpilot::services {
namespace {

using namespace std::chrono;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TimePoint on(unsigned month, unsigned day, int hour = 0, int minute = 0) {
  return sys_days(2027y / month / day) + hours(hour) + minutes(minute);
}

/// A store with accounts of a tag and one schedule, and a queue that only remembers what it was given.
class Planned : public testing::Test {
 protected:
  Planned() : store_(scratch_.open()), scheduler_(make()) {
    for (const char* name : {"alice", "bob", "carol"}) add_account(name);
  }
  ~Planned() override { pool_.join(); }

  std::unique_ptr<Scheduler> make() {
    return std::make_unique<Scheduler>(
        context_.get_executor(),
        PlanParts{*store_, clock_, pool_, [this](SubmitJob job) { return take(std::move(job)); }});
  }
  /// The same key is the same job, as in the queue.
  task<Submitted> take(SubmitJob job) {
    if (stop_when_asked_) scheduler_->stop();
    if (submits_left_ == 0) throw Failure(Outcome::kStorageFailed, "the disk is full");
    if (submits_left_ > 0) --submits_left_;
    if (job.account == refused_) throw Failure(Outcome::kNoPlaybook, "there is no playbook for it");
    if (keys_.insert(job.requested_by + job.idempotency_key).second) jobs_.push_back(std::move(job));
    co_return Submitted{};
  }
  store::AccountRow add_account(const std::string& name) {
    store::AccountRow account = store::an_account(name);
    account.tags = {"ci"};
    account.password_command = "pass show it";
    store_->write([&](store::WriteTransaction& transaction) { store::insert_account(transaction, account); });
    return account;
  }
  store::ScheduleRow schedule(TimePoint next_due) {
    store::ScheduleRow row;
    row.id = ScheduleId::make(clock_.now());
    row.name = "nightly";
    row.cron = "0 3 * * *";
    row.zone = "UTC";
    row.kind = "check";
    row.tag = "ci";
    row.next_due = next_due;
    return row;
  }
  void put(const store::ScheduleRow& row) {
    store_->write([&](store::WriteTransaction& transaction) { store::insert_schedule(transaction, row); });
  }
  store::ScheduleRow row() {
    return store_->read(
        [](store::ReadTransaction& transaction) { return store::require_schedule(transaction, "nightly"); });
  }
  void go_to(TimePoint when) { clock_.move(when - clock_.now()); }
  std::optional<TimePoint> look() { return run_to_end(context_, scheduler_->look()); }

  const store::Scratch scratch_;
  fakes::FakeClock clock_{on(3, 27, 12)};
  boost::asio::io_context context_{1};
  boost::asio::thread_pool pool_{1};
  std::unique_ptr<store::Store> store_;
  std::vector<SubmitJob> jobs_;
  std::set<std::string> keys_;
  int submits_left_ = -1;  // below 0: any number
  std::string refused_;
  bool stop_when_asked_ = false;
  std::unique_ptr<Scheduler> scheduler_;
};

TEST_F(Planned, NothingIsSubmittedBeforeItIsDueAndTheNextMomentIsKnown) {
  put(schedule(on(3, 28, 3)));
  EXPECT_EQ(look(), on(3, 28, 3));
  EXPECT_THAT(jobs_, IsEmpty());
}

TEST_F(Planned, WhatIsDueIsSubmittedOnceForEachAccount) {
  put(schedule(on(3, 28, 3)));
  go_to(on(3, 28, 3));
  EXPECT_EQ(look(), on(3, 29, 3));
  EXPECT_EQ(look(), on(3, 29, 3));
  EXPECT_THAT(jobs_, SizeIs(3));
  EXPECT_EQ(row().last_due, on(3, 28, 3));
  EXPECT_EQ(row().remark, "3 jobs");
}

TEST_F(Planned, OnTheDayTheClockIsPutForwardItRunsOnceWhenTheGapEnds) {
  auto nightly = schedule(on(3, 28, 1));  // 02:30 does not exist in Berlin that day; the gap ends at 01:00 UTC
  nightly.cron = "30 2 * * *";
  nightly.zone = "Europe/Berlin";
  put(nightly);
  go_to(on(3, 28, 1));
  EXPECT_EQ(look(), on(3, 29, 0, 30));
  EXPECT_THAT(jobs_, SizeIs(3));
}

TEST_F(Planned, ARestartBetweenDueAndSubmitSubmitsWhatIsMissingAndNothingTwice) {
  put(schedule(on(3, 28, 3)));
  go_to(on(3, 28, 3));
  submits_left_ = 1;
  EXPECT_THROW(look(), Failure);
  EXPECT_THAT(jobs_, SizeIs(1));
  submits_left_ = -1;
  clock_.move(hours(2));  // far beyond what is punctual, and nothing is caught up: it had begun
  scheduler_ = make();
  EXPECT_EQ(look(), on(3, 29, 3));
  EXPECT_THAT(jobs_, SizeIs(3));
  EXPECT_EQ(row().pending_due, std::nullopt);
}

TEST_F(Planned, ARestartAfterTheSubmitThatWasNotRecordedGivesTheSameKeys) {
  put(schedule(on(3, 28, 3)));
  go_to(on(3, 28, 3));
  look();
  auto again = row();
  again.pending_due = on(3, 28, 3);
  store_->write([&](store::WriteTransaction& transaction) { store::update_schedule(transaction, again); });
  look();
  EXPECT_THAT(jobs_, SizeIs(3));
}

TEST_F(Planned, WhatWasMissedIsPassedOverWithARemark) {
  put(schedule(on(3, 28, 3)));
  go_to(on(3, 30, 9));
  EXPECT_EQ(look(), on(3, 31, 3));
  EXPECT_THAT(jobs_, IsEmpty());
  EXPECT_EQ(row().remark,
            "what was due from 2027-03-28T03:00:00.000Z to 2027-03-30T03:00:00.000Z was missed, and was passed over");
}

TEST_F(Planned, WhatWasMissedIsDoneOnceWhereItIsToBeCaughtUp) {
  auto nightly = schedule(on(3, 28, 3));
  nightly.catch_up = true;
  put(nightly);
  go_to(on(3, 30, 9));
  EXPECT_EQ(look(), on(3, 31, 3));
  EXPECT_THAT(jobs_, SizeIs(3));
  EXPECT_EQ(row().last_due, on(3, 30, 3));
  EXPECT_THAT(row().remark, HasSubstr("late, what was due at 2027-03-30T03:00:00.000Z: 3 jobs"));
}

TEST_F(Planned, AFewMinutesLateIsNotMissed) {
  put(schedule(on(3, 28, 3)));
  go_to(on(3, 28, 3, 4));
  look();
  EXPECT_THAT(jobs_, SizeIs(3));
}

TEST_F(Planned, TheJitterSpreadsTheAccountsWithinItsBoundsAndTheSameForTheSameMoment) {
  for (int i = 0; i < 40; ++i) add_account("user" + std::to_string(i));
  auto nightly = schedule(on(3, 28, 3));
  nightly.jitter = minutes(10);
  put(nightly);
  go_to(on(3, 28, 3));
  look();
  std::set<TimePoint> moments;
  for (const SubmitJob& job : jobs_) {
    EXPECT_GE(*job.not_before, on(3, 28, 3));
    EXPECT_LE(*job.not_before, on(3, 28, 3, 10));
    moments.insert(*job.not_before);
  }
  EXPECT_GT(moments.size(), 30U);
  const auto first = jobs_.front().not_before;
  jobs_.clear();
  keys_.clear();
  run_to_end(context_, submit_due({*store_, clock_, pool_, [this](SubmitJob job) { return take(std::move(job)); }},
                                  nightly, on(3, 28, 3), Haste::kAsPlanned));
  EXPECT_EQ(jobs_.front().not_before, first);
}

TEST_F(Planned, ABlackoutPutsOffUntilItEnds) {
  auto nightly = schedule(on(3, 28, 3));
  nightly.blackouts = {"02:00-05:00"};
  put(nightly);
  go_to(on(3, 28, 3));
  EXPECT_EQ(look(), on(3, 28, 5));
  EXPECT_THAT(jobs_, IsEmpty());
  EXPECT_THAT(row().remark, HasSubstr("put off until 2027-03-28T05:00"));
  go_to(on(3, 28, 5));
  EXPECT_EQ(look(), on(3, 29, 3));
  EXPECT_THAT(jobs_, SizeIs(3));
}

TEST_F(Planned, TheJitterLeadsNoJobIntoABlackout) {
  auto nightly = schedule(on(3, 28, 3));
  nightly.jitter = hours(1);
  nightly.blackouts = {"03:01-05:00"};
  put(nightly);
  go_to(on(3, 28, 3));
  look();
  EXPECT_THAT(jobs_, SizeIs(3));
  for (const SubmitJob& job : jobs_) EXPECT_TRUE(*job.not_before < on(3, 28, 3, 1) || *job.not_before == on(3, 28, 5));
}

TEST_F(Planned, EnrollsOnlyWhereMfaIsOff) {
  const auto dave = add_account("dave");
  store::FactorRow factor;
  factor.id = FactorId::make(clock_.now());
  factor.account = dave.id;
  factor.state = store::FactorState::kLive;
  factor.created = clock_.now();
  store_->write([&](store::WriteTransaction& transaction) { store::insert_factor(transaction, factor); });
  auto nightly = schedule(on(3, 28, 3));
  nightly.kind = "enroll";
  put(nightly);
  go_to(on(3, 28, 3));
  look();
  EXPECT_THAT(jobs_, SizeIs(3));
  EXPECT_EQ(row().remark, "3 jobs; 1 account left out");
}

TEST_F(Planned, AnAccountThatIsRefusedDoesNotHoldTheOthersBack) {
  refused_ = add_account("aaron").id.str();
  put(schedule(on(3, 28, 3)));
  go_to(on(3, 28, 3));
  look();
  EXPECT_THAT(jobs_, SizeIs(3));
  EXPECT_EQ(row().remark, "3 jobs; 1 refused: aaron: there is no playbook for it");
}

TEST_F(Planned, WhatIsOffIsNeverDue) {
  auto nightly = schedule(on(3, 28, 3));
  nightly.enabled = false;
  put(nightly);
  go_to(on(3, 28, 3));
  EXPECT_EQ(look(), std::nullopt);
  EXPECT_THAT(jobs_, IsEmpty());
}

TEST_F(Planned, AYearOfMissedMinutesIsPassedAtOnce) {
  auto nightly = schedule(on(1, 1));
  nightly.cron = "* * * * *";
  nightly.catch_up = true;
  put(nightly);
  go_to(on(12, 31, 12, 30) + seconds(30));
  EXPECT_EQ(look(), on(12, 31, 12, 31));
  EXPECT_EQ(row().last_due, on(12, 31, 12, 30));
}

TEST_F(Planned, ASchedulerThatSleepsIsWokenByAChangeAndSubmitsWhatIsDue) {
  const auto change = [&]() -> task<void> {
    put(schedule(on(3, 28, 3)));
    go_to(on(3, 28, 3));
    stop_when_asked_ = true;
    scheduler_->wake();
    co_return;
  };
  run_to_end(context_, [&]() -> task<void> {
    boost::asio::post(context_, [&] { boost::asio::co_spawn(context_, change(), [](const std::exception_ptr&) {}); });
    co_await scheduler_->run();
  }());
  EXPECT_THAT(jobs_, SizeIs(3));
}

}  // namespace
}  // namespace totpilot::services
