#include "agent/jobs/dispatcher.h"

#include <map>

#include "tests/unit/jobs/floor.h"

namespace totpilot::jobs {
namespace {

using namespace std::chrono_literals;
using store::JobState;

/// What jobs did, as the function that runs them saw it.
struct Log {
  std::map<std::string, int> runs;     // by job
  std::map<std::string, int> at_once;  // by account
  int together = 0;                    // running now
  int most_together = 0;
  int most_of_an_account = 0;
  int ended = 0;
};

class Running {
 public:
  Running(Log& log, const Taken& taken) : log_(log), account_(taken.row.account.str()) {
    ++log_.runs[taken.row.id.str()];
    log_.most_of_an_account = std::max(log_.most_of_an_account, ++log_.at_once[account_]);
    log_.most_together = std::max(log_.most_together, ++log_.together);
  }
  ~Running() {
    --log_.at_once[account_];
    --log_.together;
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  Log& log_;
  std::string account_;
};

task<std::string> work_a_little(Log& log, boost::asio::thread_pool& pool, Taken taken) {
  const Running running(log, taken);
  co_await run_blocking(pool, [] {});
  ++log.ended;
  co_return R"({"ok":true})";
}

task<std::string> work_until_six_are_together(Log& log, boost::asio::thread_pool& pool, Taken taken) {
  const Running running(log, taken);
  while (log.most_together < 6) co_await run_blocking(pool, [] {});
  ++log.ended;
  co_return R"({"ok":true})";
}

task<std::string> hang(Log& log, Taken taken) {
  const Running running(log, taken);
  co_await pause_until(Deadline::Clock::now() + 10min);
  co_return "";
}

task<std::string> fail(Log& log, Outcome outcome, Taken taken) {
  const Running running(log, taken);
  ++log.ended;
  throw Failure(outcome, "as the test wants it");
  co_return "";
}

Dispatcher::RunJob hanging(Log& log) {
  return [&log](const Taken& taken) { return hang(log, taken); };
}

TEST_F(Floor, TwoHundredJobsOfTwentyAccountsRunAllAndNeverTwoOfAnAccountAtOnce) {
  std::vector<store::AccountRow> accounts;
  for (int i = 0; i < 20; ++i) accounts.push_back(another("account-" + std::to_string(i)));
  std::vector<JobId> all;
  for (int i = 0; i < 200; ++i) all.push_back(submit(accounts[static_cast<std::size_t>(i % 20)].id).id);
  Log log;

  Life life(*store_, clock_, [&](const Taken& taken) { return work_until_six_are_together(log, pool_, taken); },
            {.at_once = 6});
  life.until([&] { return log.ended == 200 && life.dispatcher().running() == 0; });
  life.stop();

  EXPECT_EQ(log.most_of_an_account, 1);
  EXPECT_EQ(log.most_together, 6);
  for (const JobId& id : all) {
    EXPECT_EQ(log.runs[id.str()], 1);
    EXPECT_EQ(job(id).state, JobState::kDone);
    EXPECT_EQ(job(id).result, R"({"ok":true})");
  }
}

TEST_F(Floor, ASubmittedJobWakesTheQueueThatSleeps) {
  Log log;
  Life life(*store_, clock_, [&](const Taken& taken) { return work_a_little(log, pool_, taken); });
  submit(account_.id);
  life.until([&] { return log.ended == 1; });  // it may have looked before; then it sleeps for ever
  submit(account_.id);
  life.dispatcher().wake();
  life.until([&] { return log.ended == 2; });
  life.stop();
}

TEST_F(Floor, WhatAKillInterruptedRunsAgainUnlessItHadPassedThePointOfNoReturn) {
  const JobId plain = submit(account_.id).id;
  const JobId armed = submit(another("bob").id, "enroll").id;
  const JobId waiting = submit(account_.id).id;
  Log before;
  {
    Life life(*store_, clock_, hanging(before));
    life.until([&] { return before.together == 2; });
    arm(armed);
  }
  EXPECT_EQ(job(plain).state, JobState::kRunning);
  reopen();

  Log after;
  Life life(*store_, clock_, [&](const Taken& taken) { return work_a_little(after, pool_, taken); });
  life.until([&] { return after.ended == 2 && life.dispatcher().running() == 0; });
  life.stop();

  EXPECT_EQ(job(plain).state, JobState::kDone);
  EXPECT_EQ(job(waiting).state, JobState::kDone);
  EXPECT_EQ(after.runs.count(armed.str()), 0U);
  EXPECT_EQ(job(armed).state, JobState::kFailed);
  EXPECT_EQ(job(armed).outcome, "uncertain");
}

TEST_F(Floor, HowOftenAJobMayKillItsProcessIsASetting) {
  const JobId deadly = submit(account_.id).id;
  store_->write([&](store::WriteTransaction& transaction) {
    ASSERT_TRUE(store::claim_next_job(transaction, WorkerId::make(clock_.now()), clock_.now(), clock_.now() + 60s));
  });
  clock_.move(61s);
  Log log;
  Life life(*store_, clock_, hanging(log), {.most_attempts = 1});
  life.until([&] { return job(deadly).ended.has_value(); });
  life.stop();
  EXPECT_EQ(job(deadly).outcome, "internal");
  EXPECT_TRUE(log.runs.empty());
}

TEST_F(Floor, WhatIsToBeDoneBeforeAJobsEndIsDoneBeforeIt) {
  const JobId one = submit(account_.id).id;
  Log log;
  Life life(*store_, clock_, [&](const Taken& taken) { return work_a_little(log, pool_, taken); });
  std::optional<JobState> seen;
  life.dispatcher().before_end([&]() -> task<void> {
    seen = job(one).state;
    co_return;
  });
  life.until([&] { return log.ended == 1 && life.dispatcher().running() == 0; });
  life.stop();
  EXPECT_EQ(seen, JobState::kRunning);
  EXPECT_EQ(job(one).state, JobState::kDone);
}

TEST_F(Floor, AJobThatKillsItsProcessEachTimeIsGivenUp) {
  const JobId deadly = submit(account_.id).id;
  for (int life_number = 0; life_number < 3; ++life_number) {
    Log log;
    {
      Life life(*store_, clock_, hanging(log));
      life.until([&] { return log.together == 1; });
    }
    reopen();
  }
  EXPECT_EQ(job(deadly).state, JobState::kFailed);
  EXPECT_EQ(job(deadly).outcome, "internal");
}

TEST_F(Floor, AJobWhoseWorkerVanishedIsTakenOverWhenItsLeaseRanOut) {
  const JobId lost = submit(account_.id).id;
  store_->write([&](store::WriteTransaction& transaction) {
    ASSERT_TRUE(store::claim_next_job(transaction, WorkerId::make(clock_.now()), clock_.now(), clock_.now() + 60s));
  });
  Log log;
  Life life(*store_, clock_, [&](const Taken& taken) { return work_a_little(log, pool_, taken); });
  const JobId other = submit(another("bob").id).id;
  life.until([&] { return job(other).state == JobState::kDone; });
  EXPECT_EQ(log.runs.count(lost.str()), 0U);

  clock_.move(61s);
  life.dispatcher().wake();
  life.until([&] { return job(lost).state == JobState::kDone; });
  life.stop();
}

TEST_F(Floor, AParkedJobThatWasKilledEndsAsNeedsInput) {
  const JobId parked = submit(account_.id).id;
  Log log;
  {
    Life life(*store_, clock_, hanging(log));
    life.until([&] { return log.together == 1; });
    store_->write([&](store::WriteTransaction& transaction) {
      ASSERT_TRUE(store::ask_for_input(transaction, store::fence_of(*store::find_job(transaction, parked)),
                                       {R"({"what":"a code"})", clock_.now(), clock_.now() + 5min}));
    });
  }
  reopen();
  EXPECT_EQ(job(parked).state, JobState::kNeedsInput);
  EXPECT_TRUE(job(parked).ended.has_value());
  EXPECT_EQ(job(parked).outcome, "needs_input");
}

TEST_F(Floor, AQueuedJobIsCancelledAtOnceAndNeverRuns) {
  Log log;
  const JobId running = submit(account_.id).id;
  Life life(*store_, clock_, hanging(log));
  life.until([&] { return log.together == 1; });
  const JobId queued = submit(account_.id).id;

  EXPECT_EQ(cancel(queued), store::CancelResult::kEnded);
  EXPECT_EQ(cancel(running), store::CancelResult::kAsked);
  life.dispatcher().cancel(running);
  life.until([&] { return life.dispatcher().running() == 0; });
  life.stop();

  EXPECT_EQ(job(queued).state, JobState::kCancelled);
  EXPECT_EQ(job(running).state, JobState::kCancelled);
  EXPECT_EQ(log.runs.count(queued.str()), 0U);
}

TEST_F(Floor, CancellingOneJobLeavesTheOthersAlone) {
  Log log;
  const JobId first = submit(account_.id).id;
  const JobId second = submit(another("bob").id).id;
  Life life(*store_, clock_, hanging(log));
  life.until([&] { return log.together == 2; });

  cancel(first);
  life.dispatcher().cancel(first);
  life.until([&] { return life.dispatcher().running() == 1; });

  EXPECT_EQ(job(first).state, JobState::kCancelled);
  EXPECT_EQ(job(second).state, JobState::kRunning);
}

task<std::string> arm_and_end(Log& log, boost::asio::thread_pool& pool, std::function<void()> arm,
                              std::function<void()> when_armed, Taken taken) {
  const Running running(log, taken);
  co_await run_blocking(pool, arm);
  when_armed();
  // Long enough for the watch to look and decide; a wrong decision cancels this.
  for (int round = 0; round < 20; ++round) co_await run_blocking(pool, [] {});
  ++log.ended;
  co_return "";
}

TEST_F(Floor, AJobPastThePointOfNoReturnIsNotCancelled) {
  const JobId armed = submit(account_.id, "enroll").id;
  Log log;
  Life* life_of_it = nullptr;
  Life life(*store_, clock_, [&](const Taken& taken) {
    return arm_and_end(
        log, pool_, [&] { arm(armed); },
        [&] {
          cancel(armed);
          life_of_it->dispatcher().cancel(armed);
        },
        taken);
  });
  life_of_it = &life;
  life.until([&] { return log.ended == 1 && life.dispatcher().running() == 0; });
  life.stop();
  EXPECT_EQ(job(armed).state, JobState::kDone);
}

TEST_F(Floor, AStopGivesBackWhatArmedNothing) {
  const JobId interrupted = submit(account_.id).id;
  Log log;
  Life life(*store_, clock_, hanging(log), {.drain = 0ms});
  life.until([&] { return log.together == 1; });

  life.stop();

  EXPECT_EQ(job(interrupted).state, JobState::kQueued);
  EXPECT_EQ(job(interrupted).attempts, 0) << "it was not its fault";
}

TEST_F(Floor, AStopCutsAnArmedJobOnlyAtTheWorkersLimitAndItIsUncertainThen) {
  const JobId armed = submit(account_.id, "enroll").id;
  Log log;
  Life life(*store_, clock_, hanging(log), {.drain = 0ms}, {.drain = 30ms});
  life.until([&] { return log.together == 1; });
  arm(armed);

  life.stop();

  EXPECT_EQ(job(armed).state, JobState::kFailed);
  EXPECT_EQ(job(armed).outcome, "uncertain");
}

TEST_F(Floor, AFailureThatMayPassIsTriedAgainLaterAndNotForEver) {
  const JobId slow = submit(account_.id).id;
  Log log;
  Life life(*store_, clock_, [&](const Taken& taken) { return fail(log, Outcome::kTimedOut, taken); });
  for (int attempt = 1; attempt <= 3; ++attempt) {
    life.until([&] { return log.ended == attempt && life.dispatcher().running() == 0; });
    EXPECT_EQ(job(slow).state, attempt < 3 ? JobState::kQueued : JobState::kFailed);
    EXPECT_EQ(job(slow).outcome, "timed_out");
    clock_.move(10min);
    life.dispatcher().wake();
  }
  life.stop();
  EXPECT_EQ(log.ended, 3);
}

TEST_F(Floor, AFailureThatNeedsAChangeIsNotTriedAgain) {
  const JobId wrong = submit(account_.id).id;
  Log log;
  Life life(*store_, clock_, [&](const Taken& taken) { return fail(log, Outcome::kBadCredentials, taken); });
  life.until([&] { return log.ended == 1 && life.dispatcher().running() == 0; });
  life.stop();
  EXPECT_EQ(job(wrong).state, JobState::kFailed);
}

TEST_F(Floor, AnAppThatFailsInARowIsLeftAloneAndThenTriedByOneJob) {
  for (int i = 0; i < 5; ++i) submit(another("account-" + std::to_string(i)).id);
  Outcome says = Outcome::kPageChanged;
  Log log;
  const auto run = [&](const Taken& taken) {
    return says == Outcome::kOk || taken.row.lane != "app" ? work_a_little(log, pool_, taken) : fail(log, says, taken);
  };
  Life life(*store_, clock_, run, {.at_once = 1, .take = {.turns = {.breaker_after = 3}}});
  const auto idle_after = [&](int ended) {
    life.until([&] { return log.ended == ended && life.dispatcher().running() == 0; });
    // Another app's job, which comes after all of this one's that may run.
    const JobId last = submit(account_.id, "login", "other").id;
    life.dispatcher().wake();
    life.until([&] { return job(last).state == JobState::kDone && life.dispatcher().running() == 0; });
    EXPECT_EQ(log.ended, ended + 1);
    log.ended = ended;
  };
  idle_after(3);

  clock_.move(10min);
  life.dispatcher().wake();
  idle_after(4);  // one on trial, which failed: it waits twice as long

  clock_.move(10min);
  life.dispatcher().wake();
  idle_after(4);

  says = Outcome::kOk;
  clock_.move(10min);
  life.dispatcher().wake();
  life.until([&] { return log.ended == 5 && life.dispatcher().running() == 0; });
  life.stop();
}

TEST_F(Floor, AJobThatWaitsForAPersonLendsItsPlace) {
  const JobId parked = submit(account_.id).id;
  const JobId other = submit(another("bob").id).id;
  Log log;
  Life life(
      *store_, clock_,
      [&](const Taken& taken) { return taken.row.id == parked ? hang(log, taken) : work_a_little(log, pool_, taken); },
      {.at_once = 1});
  life.until([&] { return log.together == 1; });
  life.dispatcher().set_parked(parked, true);
  life.until([&] { return job(other).state == JobState::kDone; });
  EXPECT_EQ(life.dispatcher().running(), 1);
}

}  // namespace
}  // namespace totpilot::jobs
