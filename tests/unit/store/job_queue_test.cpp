#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/store/connection.h"
#include "agent/store/job_events.h"
#include "agent/store/job_turns.h"
#include "agent/store/jobs.h"
#include "agent/store/migrations.h"
#include "tests/unit/store/scratch.h"

namespace totpilot::store {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

/// The queue over a database that was made by schema 1, with an ended and a queued job in it.
class JobQueue : public testing::Test {
 protected:
  JobQueue() {
    std::filesystem::create_directory(scratch_.state());
    std::filesystem::permissions(scratch_.state(), std::filesystem::perms(0700));
    {
      Connection writer(scratch_.state() / kDatabaseFile, ConnectionRole::kWriter, std::chrono::milliseconds(0));
      migrate(writer, all_migrations().first(1), [](int) {});
      writer.execute(
          "INSERT INTO accounts VALUES ('acc_old', 'old', 'alice', 'https://old.example', 'old', '[]', 0, '', '', '', "
          "'[]', '', 0, NULL, 1, 1)");
      writer.execute(
          "INSERT INTO jobs VALUES ('job_old', 'acc_old', 'enroll', 'failed', 'uncertain', 'the app was away', '', "
          "'wrk_1', 3, NULL, 1, 5, 6, 7)");
    }
    std::filesystem::permissions(scratch_.state() / kDatabaseFile, std::filesystem::perms(0600));
    store_ = scratch_.open();
    account_ = insert_an_account(*store_);
  }

  template <class Work>
  auto write(Work work) {
    return store_->write(std::move(work));
  }
  JobRow make(std::int64_t created, const AccountRow& account) {
    JobRow job;
    job.id = JobId::make(at(created));
    job.account = account.id;
    job.kind = "login";
    job.request = "{}";
    job.lane = "app";
    job.created = at(created);
    return job;
  }
  JobRow put(const JobRow& job) {
    write([&](WriteTransaction& transaction) { insert_job(transaction, job); });
    return job;
  }
  AccountRow another(const std::string& name) { return insert_an_account(*store_, name); }
  std::optional<JobRow> claim_next(std::int64_t now, const TurnRules& rules = {}) {
    return write([&](WriteTransaction& transaction) {
      return claim_next_job(transaction, worker_, at(now), at(now + 1000), rules);
    });
  }
  JobId next(std::int64_t now, const TurnRules& rules = {}) {
    const auto job = claim_next(now, rules);
    return job ? job->id : JobId();
  }
  void end(const JobRow& claimed, std::int64_t now) {
    write([&](WriteTransaction& transaction) {
      ASSERT_TRUE(finish_job(transaction, fence_of(claimed), {JobState::kDone, "ok", "", at(now), "{}"}));
    });
  }
  JobRow job(const JobId& id) {
    return store_->read([&](ReadTransaction& transaction) { return *find_job(transaction, id); });
  }
  std::optional<TimePoint> turn(std::int64_t now) {
    return store_->read([&](ReadTransaction& transaction) { return next_turn(transaction, at(now)); });
  }
  std::vector<std::string> events_of(const JobId& id) {
    std::vector<std::string> types;
    store_->read([&](ReadTransaction& transaction) {
      for (const auto& event : list_job_events(transaction, {.job = id})) types.push_back(event.type);
    });
    return types;
  }

  Scratch scratch_;
  std::unique_ptr<Store> store_;
  AccountRow account_;
  WorkerId worker_ = WorkerId::make(at(0));
};

TEST_F(JobQueue, JobsOfTheFirstSchemaAreStillThereAndAreNotRunByTheQueue) {
  const JobRow old = job(JobId::from("job_old"));
  EXPECT_EQ(old.outcome, "uncertain");
  EXPECT_EQ(old.lease_generation, 3);
  EXPECT_TRUE(old.past_return);
  EXPECT_EQ(old.priority, 0);
  EXPECT_FALSE(old.from_queue());
  EXPECT_FALSE(write([&](WriteTransaction& transaction) { return reopen_job(transaction, old.id, at(0)); }));
}

TEST_F(JobQueue, AJobComesBackAsItWasPut) {
  JobRow given = make(1, account_);
  given.priority = 7;
  given.request = R"({"account":"redmine-alice"})";
  given.idempotency_key = "k1";
  given.requested_by = "token:ci";
  given.not_before = at(9);
  put(given);
  const auto back =
      store_->read([&](ReadTransaction& transaction) { return find_job_by_key(transaction, "token:ci", "k1"); });
  ASSERT_TRUE(back);
  EXPECT_EQ(back->id, given.id);
  EXPECT_EQ(back->priority, 7);
  EXPECT_EQ(back->lane, "app");
  EXPECT_EQ(back->request, given.request);
  EXPECT_EQ(back->not_before, at(9));
  EXPECT_THROW(put([&] {
                 JobRow same = make(2, account_);
                 same.idempotency_key = "k1";
                 same.requested_by = "token:ci";
                 return same;
               }()),
               Failure);
}

TEST_F(JobQueue, TheMostUrgentGoesFirstThenTheOldest) {
  const JobRow old = put(make(1, account_));
  const JobRow young = put(make(2, another("b")));
  JobRow urgent = make(3, another("c"));
  urgent.priority = 5;
  put(urgent);
  EXPECT_EQ(next(10), urgent.id);
  EXPECT_EQ(next(10), old.id);
  EXPECT_EQ(next(10), young.id);
  EXPECT_TRUE(next(10).empty());
}

TEST_F(JobQueue, AJobWaitsForItsTimeAndTheTurnSaysWhen) {
  JobRow later = make(1, account_);
  later.not_before = at(500);
  put(later);
  EXPECT_TRUE(next(499).empty());
  EXPECT_EQ(turn(499), at(500));
  EXPECT_EQ(next(500), later.id);
  EXPECT_EQ(turn(500), at(1501)) << "its lease";
}

TEST_F(JobQueue, AParkedJobKeepsItsAccount) {
  put(make(1, account_));
  const JobRow second = put(make(2, account_));
  const JobRow parked = *claim_next(10);
  write([&](WriteTransaction& transaction) {
    ASSERT_TRUE(ask_for_input(transaction, fence_of(parked), {R"({"what":"the e-mailed code"})", at(11), at(300)}));
    ASSERT_TRUE(extend_lease(transaction, fence_of(parked), at(2000)));
  });
  EXPECT_TRUE(next(20).empty());
  EXPECT_TRUE(write([&](WriteTransaction& t) { return put_answer(t, parked.id, "sealed", at(30)); }));
  EXPECT_EQ(job(parked.id).sealed_answer, "sealed");
  write([&](WriteTransaction& transaction) { ASSERT_TRUE(take_answer(transaction, fence_of(parked), at(31))); });
  EXPECT_EQ(job(parked.id).state, JobState::kRunning);
  EXPECT_EQ(job(parked.id).sealed_answer, "");
  end(parked, 40);
  EXPECT_EQ(next(50), second.id);
  EXPECT_THAT(events_of(parked.id),
              ElementsAre("job.queued", "job.started", "job.needs_input", "job.resumed", "job.ended"));
}

TEST_F(JobQueue, AnAnswerThatComesTooLateOrUnaskedIsNotKept) {
  put(make(1, account_));
  const JobRow running = *claim_next(10);
  EXPECT_FALSE(write([&](WriteTransaction& t) { return put_answer(t, running.id, "sealed", at(11)); }));
  write([&](WriteTransaction& transaction) {
    ASSERT_TRUE(ask_for_input(transaction, fence_of(running), {"{}", at(11), at(300)}));
  });
  EXPECT_FALSE(write([&](WriteTransaction& t) { return put_answer(t, running.id, "sealed", at(300)); }));
  EXPECT_EQ(job(running.id).sealed_answer, "");
}

TEST_F(JobQueue, SoManyOfAnAppRunAtOnce) {
  put(make(1, account_));
  put(make(2, another("b")));
  JobRow elsewhere = make(3, another("c"));
  elsewhere.lane = "other";
  put(elsewhere);
  const TurnRules one{.most_per_lane = 1};
  EXPECT_FALSE(next(10, one).empty());
  EXPECT_EQ(next(10, one), elsewhere.id);
  EXPECT_TRUE(next(10, one).empty());
}

TEST_F(JobQueue, AnOpenBreakerHoldsTheLaneAndThenLetsOneTry) {
  put(make(1, account_));
  put(make(2, another("b")));
  const TurnRules rules{.breaker_after = 3};
  write([&](WriteTransaction& transaction) {
    put_lane(transaction, {.lane = "app", .failures = 3, .open_until = at(100), .next_start = {}});
  });
  EXPECT_TRUE(next(99, rules).empty());
  EXPECT_EQ(turn(99), at(100));
  EXPECT_FALSE(next(100, rules).empty());
  EXPECT_TRUE(next(101, rules).empty()) << "one on trial";
  write([&](WriteTransaction& transaction) {
    put_lane(transaction, {.lane = "app", .failures = 0, .open_until = {}, .next_start = {}});
  });
  EXPECT_FALSE(next(102, rules).empty());
}

TEST_F(JobQueue, ATrialThatWaitsForAPersonIsStillTheOnlyOne) {
  put(make(1, account_));
  put(make(2, another("b")));
  const TurnRules rules{.most_per_lane = 1, .breaker_after = 3};
  const auto fail_so_often = [&](int failures) {
    write([&](WriteTransaction& transaction) {
      put_lane(transaction, {.lane = "app", .failures = failures, .open_until = {}, .next_start = {}});
    });
  };
  fail_so_often(3);
  const JobRow trial = *claim_next(10, rules);
  write([&](WriteTransaction& transaction) {
    ASSERT_TRUE(ask_for_input(transaction, fence_of(trial), {R"({"what":"a code"})", at(20), at(500)}));
  });
  EXPECT_TRUE(next(30, rules).empty());
  fail_so_often(2);
  EXPECT_FALSE(next(30, rules).empty()) << "its place is lent where the app is well";
}

TEST_F(JobQueue, TwoStartsInALaneKeepTheirDistance) {
  put(make(1, account_));
  put(make(2, another("b")));
  const TurnRules gap{.lane_gap = 50ms};
  EXPECT_FALSE(next(10, gap).empty());
  EXPECT_TRUE(next(59, gap).empty());
  EXPECT_EQ(turn(20), at(60));
  EXPECT_FALSE(next(60, gap).empty());
}

TEST_F(JobQueue, TwoJobsOfAnAccountKeepTheDistanceOfItsSignInLimit) {
  put(make(1, account_));
  const JobRow second = put(make(2, account_));
  const JobRow other = put(make(3, another("b")));
  write([](WriteTransaction& transaction) { set_lane_spacing(transaction, "app", 24s); });
  end(*claim_next(10), 20);
  EXPECT_EQ(next(30), other.id);
  EXPECT_TRUE(next(24'000).empty());
  EXPECT_EQ(turn(5000), at(24'010));
  EXPECT_EQ(next(24'010), second.id);
}

TEST_F(JobQueue, AQueuedJobIsCancelledAtOnceARunningOneIsAskedAnEndedOneIsLeft) {
  const JobRow running = put(make(1, account_));
  const JobRow queued = put(make(2, another("b")));
  const JobRow claimed = *claim_next(10);
  ASSERT_EQ(claimed.id, running.id);
  const auto cancel = [&](const JobId& id) {
    return write([&](WriteTransaction& transaction) { return cancel_job(transaction, id, at(20)); });
  };
  EXPECT_EQ(cancel(queued.id), CancelResult::kEnded);
  EXPECT_EQ(job(queued.id).state, JobState::kCancelled);
  EXPECT_EQ(cancel(running.id), CancelResult::kAsked);
  EXPECT_TRUE(job(running.id).cancel_requested);
  end(claimed, 30);
  EXPECT_EQ(cancel(running.id), CancelResult::kTooLate);
}

TEST_F(JobQueue, AJobPastThePointOfNoReturnIsNeverQueuedAgain) {
  put(make(1, account_));
  const JobRow armed = *claim_next(10);
  write([&](WriteTransaction& transaction) { ASSERT_TRUE(mark_past_return(transaction, fence_of(armed))); });
  EXPECT_EQ(outcome_of([&] {
              write([&](WriteTransaction& transaction) {
                requeue_job(transaction, fence_of(armed), {"timed_out", "", at(20), at(20), 1});
              });
            }),
            Outcome::kInternal);
  write([&](WriteTransaction& transaction) {
    ASSERT_TRUE(finish_job(transaction, fence_of(armed), {JobState::kFailed, "uncertain", "", at(20)}));
    EXPECT_FALSE(reopen_job(transaction, armed.id, at(30)));
  });
}

TEST_F(JobQueue, AFailedJobCanBeOpenedAgain) {
  put(make(1, account_));
  const JobRow failed = *claim_next(10);
  write([&](WriteTransaction& transaction) {
    ASSERT_TRUE(finish_job(transaction, fence_of(failed), {JobState::kFailed, "timed_out", "slow", at(20)}));
    EXPECT_TRUE(reopen_job(transaction, failed.id, at(30)));
    EXPECT_FALSE(reopen_job(transaction, failed.id, at(30))) << "it is open";
  });
  EXPECT_EQ(job(failed.id).attempts, 0);
  EXPECT_EQ(next(40), failed.id);
}

TEST_F(JobQueue, ListsAreFilteredAndReadOnFromTheLastSeen) {
  const JobRow first = put(make(1, account_));
  const JobRow second = put(make(2, account_));
  put(make(3, another("b")));
  store_->read([&](ReadTransaction& transaction) {
    const auto page = list_jobs(transaction, JobFilter{.account = account_.id, .limit = 1});
    ASSERT_EQ(page.size(), 1U);
    EXPECT_EQ(page[0].id, second.id);
    const auto rest = list_jobs(transaction, JobFilter{.account = account_.id, .before = second.id});
    ASSERT_EQ(rest.size(), 1U);
    EXPECT_EQ(rest[0].id, first.id);
    EXPECT_EQ(list_jobs(transaction, JobFilter{.state = JobState::kFailed}).size(), 1U) << "the old one";
  });
}

TEST_F(JobQueue, EventsOfEndedJobsGoAfterTheirTime) {
  put(make(1, account_));
  end(*claim_next(10), 20);
  const JobRow open = put(make(30, account_));
  write([&](WriteTransaction& transaction) {
    EXPECT_EQ(prune_job_events(transaction, at(100), 2), 2) << "no more than it was told";
    EXPECT_EQ(prune_job_events(transaction, at(100), 2), 1);
  });
  EXPECT_THAT(events_of(open.id), ElementsAre("job.queued"));
}

TEST_F(JobQueue, EndedJobsGoAfterTheirTimeButForTheLastThatMayHaveChangedMfa) {
  put(make(1, account_));
  const JobRow plain = *claim_next(10);
  end(plain, 20);
  std::vector<JobRow> armed;
  for (const std::int64_t created : {30, 40}) {
    put(make(created, account_));
    armed.push_back(*claim_next(created));
    write([&](WriteTransaction& transaction) {
      ASSERT_TRUE(mark_past_return(transaction, fence_of(armed.back())));
      keep_joined_key(transaction, {"token:ci", std::to_string(created), armed.back().id, "{}"});
    });
    end(armed.back(), created + 1);
  }
  const JobRow open = put(make(50, account_));
  write([&](WriteTransaction& transaction) { EXPECT_EQ(prune_jobs(transaction, at(100), 10), 2); });
  store_->read([&](ReadTransaction& transaction) {
    EXPECT_FALSE(find_job(transaction, plain.id));
    EXPECT_FALSE(find_job(transaction, armed[0].id));
    EXPECT_FALSE(find_joined_key(transaction, "token:ci", "30"));
    EXPECT_TRUE(find_job(transaction, armed[1].id));
    EXPECT_TRUE(find_job(transaction, open.id));
    EXPECT_TRUE(find_job(transaction, JobId::from("job_old"))) << "it is the last of its account";
  });
  EXPECT_TRUE(events_of(plain.id).empty());
}

}  // namespace
}  // namespace totpilot::store
