#include "agent/jobs/worker.h"

#include "tests/unit/jobs/office.h"

namespace totpilot::jobs {
namespace {

using namespace std::chrono_literals;

task<void> succeed() { co_return; }

TEST_F(Office, AJobThatSucceedsIsDoneWithTheOutcomeOk) {
  const auto worker = make_worker();
  const Claimed claimed = start(*worker);

  EXPECT_EQ(run(*worker, claimed, succeed), Outcome::kOk);

  EXPECT_EQ(job(claimed.lease.job).state, store::JobState::kDone);
  EXPECT_EQ(job(claimed.lease.job).outcome, "ok");
  EXPECT_TRUE(job(claimed.lease.job).ended.has_value());
}

TEST_F(Office, AFailureIsThrownOnAndKeptInTheRow) {
  const auto worker = make_worker();
  const Claimed claimed = start(*worker);

  const Outcome thrown = run(*worker, claimed, []() -> task<void> {
    throw Failure(Outcome::kBadCredentials, "the app refused the password");
    co_return;
  });

  EXPECT_EQ(thrown, Outcome::kBadCredentials);
  EXPECT_EQ(job(claimed.lease.job).state, store::JobState::kFailed);
  EXPECT_EQ(job(claimed.lease.job).outcome, "bad_credentials");
  EXPECT_EQ(job(claimed.lease.job).message, "the app refused the password");
}

TEST_F(Office, AnExceptionThatIsNotOursIsInternalAndItsTextIsNotKept) {
  const auto worker = make_worker();
  const Claimed claimed = start(*worker);

  const Outcome thrown = run(*worker, claimed, []() -> task<void> {
    throw std::runtime_error("near 'hunter2'");
    co_return;
  });

  EXPECT_EQ(thrown, Outcome::kInternal);
  EXPECT_EQ(job(claimed.lease.job).message.find("hunter2"), std::string::npos);
}

TEST_F(Office, ASecondJobOfTheAccountIsRefusedWhileOneRunsAndLeavesNoRow) {
  const auto worker = make_worker();
  const auto other = make_worker();
  start(*worker);

  try {
    start(*other);
    FAIL() << "two jobs of one account were claimed";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Outcome::kBusy);
  }

  const auto jobs = store_->read([&](store::ReadTransaction& t) { return store::list_jobs(t, account_.id, 10); });
  EXPECT_EQ(jobs.size(), 1U);
}

TEST_F(Office, TheNextJobCanStartOnceTheFirstEnded) {
  const auto worker = make_worker();
  run(*worker, start(*worker), succeed);

  EXPECT_EQ(run(*worker, start(*worker), succeed), Outcome::kOk);
}

TEST_F(Office, ARequestToStopCancelsARunThatArmedNothing) {
  const auto worker = make_worker();
  const Claimed claimed = start(*worker);

  const Outcome thrown = run(*worker, claimed, [&]() -> task<void> {
    stop_.request(Urgency::kWhenSafe);
    co_await wait_for_ever();
  });

  EXPECT_EQ(thrown, Outcome::kCancelled);
  EXPECT_EQ(job(claimed.lease.job).state, store::JobState::kCancelled);
}

TEST_F(Office, AWaitThatWasCutOffIsNotTakenForATimeout) {
  const auto worker = make_worker();
  const Claimed claimed = start(*worker);

  const Outcome thrown = run(*worker, claimed, [&]() -> task<void> {
    stop_.request(Urgency::kWhenSafe);
    try {
      co_await wait_for_ever();
    } catch (const boost::system::system_error&) {
      throw Failure(Outcome::kTimedOut, "the page did not come up in time");
    }
  });

  EXPECT_EQ(thrown, Outcome::kCancelled);
}

TEST_F(Office, AnArmedRunGoesOnToItsEndAfterARequestToStop) {
  const auto worker = make_worker();
  const Claimed claimed = start(*worker, "enroll");
  bool finished = false;

  const Outcome thrown = run(*worker, claimed, [&]() -> task<void> {
    arm(claimed.lease.job);
    stop_.request(Urgency::kWhenSafe);
    // Long enough for the watch to look into the store and decide; a wrong decision cancels this wait.
    for (int round = 0; round < 20; ++round)
      co_await run_blocking(pool_, [&] { return job(claimed.lease.job).past_return; });
    finished = true;
  });

  EXPECT_EQ(thrown, Outcome::kOk);
  EXPECT_TRUE(finished);
}

TEST_F(Office, ASecondRequestCutsAnArmedRun) {
  const auto worker = make_worker();
  const Claimed claimed = start(*worker, "enroll");

  const Outcome thrown = run(*worker, claimed, [&]() -> task<void> {
    arm(claimed.lease.job);
    stop_.request(Urgency::kWhenSafe);
    stop_.request(Urgency::kNow);
    co_await wait_for_ever();
  });

  EXPECT_EQ(thrown, Outcome::kCancelled);
}

TEST_F(Office, AnArmedRunIsCutWhenItsTimeToFinishIsOver) {
  const auto worker = make_worker({.drain = 30ms});
  const Claimed claimed = start(*worker, "enroll");

  const Outcome thrown = run(*worker, claimed, [&]() -> task<void> {
    arm(claimed.lease.job);
    stop_.request(Urgency::kWhenSafe);
    co_await wait_for_ever();
  });

  EXPECT_EQ(thrown, Outcome::kCancelled);
}

TEST_F(Office, ARunThatIsStoppedBeforeItBeganDoesNothing) {
  const auto worker = make_worker();
  const Claimed claimed = start(*worker);
  stop_.request(Urgency::kWhenSafe);
  bool ran = false;

  const Outcome thrown = run(*worker, claimed, [&]() -> task<void> {
    ran = true;
    co_return;
  });

  EXPECT_EQ(thrown, Outcome::kCancelled);
  EXPECT_FALSE(ran);
}

TEST_F(Office, ALostLeaseEndsTheRunAndItsLateWriteChangesNothing) {
  const auto worker = make_worker({.renew_every = 10ms});
  const Claimed claimed = start(*worker);
  const WorkerId thief = WorkerId::make(clock_.now());

  const Outcome thrown = run(*worker, claimed, [&]() -> task<void> {
    store_->write([&](store::WriteTransaction& transaction) {
      const TimePoint later = clock_.now() + 5min;
      ASSERT_TRUE(store::claim_job(transaction, claimed.lease.job, thief, later, later + 1min));
    });
    co_await wait_for_ever();
  });

  EXPECT_EQ(thrown, Outcome::kBusy);
  EXPECT_EQ(job(claimed.lease.job).state, store::JobState::kRunning);
  EXPECT_EQ(job(claimed.lease.job).lease_owner, thief.str());
}

TEST_F(Office, TheLeaseIsRenewedWhileTheFlowRuns) {
  const auto worker = make_worker({.renew_every = 10ms});
  const Claimed claimed = start(*worker);
  const auto before = job(claimed.lease.job).lease_until;

  const Outcome thrown = run(*worker, claimed, [&]() -> task<void> {
    clock_.move(30s);
    // Ends by the renewal itself; a worker that never renews runs into the test's own time limit.
    while (co_await run_blocking(pool_, [&] { return job(claimed.lease.job).lease_until; }) == before) {
    }
  });

  EXPECT_EQ(thrown, Outcome::kOk);
}

TEST_F(Office, TheJobOfADeadProcessIsEndedAndTheAccountIsFree) {
  JobId dead;
  {
    const auto worker = make_worker();
    dead = start(*worker).lease.job;
  }

  EXPECT_EQ(Worker::reap_dead_jobs(*store_, clock_, WorkerId::make(clock_.now()), 3), 1);

  EXPECT_EQ(job(dead).state, store::JobState::kCancelled);
  const auto worker = make_worker();
  EXPECT_EQ(run(*worker, start(*worker), succeed), Outcome::kOk);
}

TEST_F(Office, ADeadJobThatHadArmedIsUncertain) {
  JobId dead;
  {
    const auto worker = make_worker();
    dead = start(*worker, "enroll").lease.job;
    arm(dead);
  }

  Worker::reap_dead_jobs(*store_, clock_, WorkerId::make(clock_.now()), 3);

  EXPECT_EQ(job(dead).state, store::JobState::kFailed);
  EXPECT_EQ(job(dead).outcome, "uncertain");
}

TEST_F(Office, ReapingLeavesEndedJobsAlone) {
  const auto worker = make_worker();
  run(*worker, start(*worker), succeed);

  EXPECT_EQ(Worker::reap_dead_jobs(*store_, clock_, WorkerId::make(clock_.now()), 3), 0);
}

}  // namespace
}  // namespace totpilot::jobs
