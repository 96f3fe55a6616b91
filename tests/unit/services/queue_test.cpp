#include "agent/services/queue.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "agent/services/job_runs.h"
#include "agent/store/sessions.h"
#include "tests/unit/services/home.h"

namespace totpilot::services {
namespace {

using namespace std::chrono_literals;
using store::JobState;
using testing::ElementsAre;
using testing::HasSubstr;

class QueueTest : public Home {
 protected:
  QueueTest() {
    std::filesystem::create_directories(root_ / "playbooks");
    std::filesystem::copy_file(TOTPILOT_SOURCE_DIR "/tests/unit/flow/data/fake.yaml", root_ / "playbooks/fake.yaml");
    config_.playbook_directories = {(root_ / "playbooks").string()};
    open();
    AddAccount request = account("alice");
    request.app = "fake";
    run(add_account(house(), std::move(request)));
  }

  SubmitJob job(const std::string& kind = "login") {
    SubmitJob request;
    request.account = "alice";
    request.kind = kind;
    request.requested_by = "token:ci";
    return request;
  }
  JobView submit(SubmitJob request) { return *run(submit_job(house(), std::move(request))).job; }
  JobView show(const JobId& id) { return run(show_job(house(), {id.str()})); }
  std::vector<std::string> events_of(const JobId& id) {
    std::vector<std::string> types;
    for (const auto& event : run(list_job_events(house(), {.job = id.str()})).events) types.push_back(event.type);
    return types;
  }
};

TEST_F(QueueTest, ASubmittedJobWaitsWithItsRequestAndWhoAsked) {
  SubmitJob request = job("enroll");
  request.request = {{"accept_rotate", true}};
  request.priority = 3;
  const JobView view = submit(request);
  EXPECT_EQ(view.state, JobState::kQueued);
  EXPECT_EQ(view.account, "alice");
  EXPECT_EQ(view.requested_by, "token:ci");
  EXPECT_EQ(view.priority, 3);
  EXPECT_THAT(events_of(view.id), ElementsAre("job.queued"));
}

TEST_F(QueueTest, WhatCouldNeverRunIsRefusedAtOnce) {
  EXPECT_EQ(failure_of(submit_job(house(), job("dance"))).code(), Outcome::kInvalidInput);
  SubmitJob typo = job("enroll");
  typo.request = {{"acept_rotate", true}};
  EXPECT_EQ(failure_of(submit_job(house(), typo)).code(), Outcome::kInvalidInput);
  SubmitJob unknown = job();
  unknown.account = "bob";
  EXPECT_EQ(failure_of(submit_job(house(), unknown)).code(), Outcome::kNotFound);
  add("by-hand");
  SubmitJob by_hand = job();
  by_hand.account = "by-hand";
  EXPECT_EQ(failure_of(submit_job(house(), by_hand)).code(), Outcome::kNoPlaybook);
}

TEST_F(QueueTest, TheSameKeyGivesTheSameJobAndAnotherRequestIsRefused) {
  SubmitJob first = job("enroll");
  first.idempotency_key = "k1";
  const JobView one = submit(first);
  const Submitted again = run(submit_job(house(), first));
  EXPECT_TRUE(again.joined);
  EXPECT_EQ(again.job->id, one.id);

  SubmitJob other = first;
  other.kind = "disable";
  EXPECT_EQ(failure_of(submit_job(house(), other)).code(), Outcome::kAlreadyExists);
  SubmitJob of_another = other;
  of_another.requested_by = "token:other";
  EXPECT_NE(submit(of_another).id, one.id) << "keys are each caller's own";
}

TEST_F(QueueTest, ASecondLoginJoinsTheOneUnderWayUnlessAFreshOneIsWanted) {
  const JobView one = submit(job());
  const Submitted second = run(submit_job(house(), job()));
  EXPECT_TRUE(second.joined);
  EXPECT_EQ(second.job->id, one.id);
  SubmitJob fresh = job();
  fresh.fresh = true;
  EXPECT_NE(submit(fresh).id, one.id);
}

TEST_F(QueueTest, TheKeyOfALoginThatJoinedStandsForTheOneItJoined) {
  const JobView one = submit(job());
  SubmitJob keyed = job();
  keyed.idempotency_key = "k1";
  EXPECT_EQ(submit(keyed).id, one.id);
  run(cancel_job(house(), {one.id.str()}));

  EXPECT_EQ(submit(keyed).id, one.id) << "although it has ended";
  SubmitJob other = keyed;
  other.kind = "check";
  EXPECT_EQ(failure_of(submit_job(house(), other)).code(), Outcome::kAlreadyExists);
  other.requested_by = "token:other";
  EXPECT_NE(submit(other).id, one.id) << "keys are each caller's own";
}

TEST_F(QueueTest, AYoungSessionIsGivenWithoutAJob) {
  run(house().open_store());
  store::SessionRow session;
  session.created = house().clock().now();
  session.id = SessionId::make(session.created);
  session.account = AccountId::from(show(submit(job("check")).id).account_id.str());
  session.sealed_state = "sealed";
  house().store().write([&](store::WriteTransaction& transaction) { store::insert_session(transaction, session); });

  SubmitJob request = job();
  request.max_age = 1h;
  const Submitted given = run(submit_job(house(), request));
  ASSERT_TRUE(given.session);
  EXPECT_EQ(given.session->id, session.id);
  EXPECT_FALSE(given.job);

  request.fresh = true;
  EXPECT_TRUE(run(submit_job(house(), request)).job);
}

TEST_F(QueueTest, AQueuedJobIsCancelledAndCanBeTriedAgain) {
  const JobId id = submit(job("check")).id;
  EXPECT_EQ(failure_of(retry_job(house(), {id.str()})).code(), Outcome::kBusy);
  EXPECT_EQ(run(cancel_job(house(), {id.str()})).state, JobState::kCancelled);
  EXPECT_EQ(run(retry_job(house(), {id.str()})).state, JobState::kQueued);
  EXPECT_EQ(failure_of(retry_job(house(), {"job_nothing"})).code(), Outcome::kNotFound);
}

TEST_F(QueueTest, AJobPastThePointOfNoReturnIsNotTriedAgain) {
  const JobId id = submit(job("enroll")).id;
  run(house().open_store());
  house().store().write([&](store::WriteTransaction& transaction) {
    const auto claimed = store::claim_job(transaction, id, WorkerId::make(house().clock().now()), house().clock().now(),
                                          house().clock().now() + 1min);
    ASSERT_TRUE(store::mark_past_return(transaction, store::fence_of(*claimed)));
    ASSERT_TRUE(store::finish_job(transaction, store::fence_of(*claimed),
                                  {JobState::kFailed, "uncertain", "", house().clock().now()}));
  });
  EXPECT_EQ(failure_of(retry_job(house(), {id.str()})).code(), Outcome::kUncertain);
}

TEST_F(QueueTest, PagesOfTheListFollowEachOther) {
  std::vector<JobId> ids;
  for (const char* kind : {"check", "enroll", "disable"}) ids.push_back(submit(job(kind)).id);
  const JobList first = run(list_jobs(house(), {.limit = 2}));
  ASSERT_EQ(first.jobs.size(), 2U);
  EXPECT_EQ(first.jobs[0].id, ids[2]);
  const JobList rest = run(list_jobs(house(), {.before = first.next, .limit = 2}));
  ASSERT_EQ(rest.jobs.size(), 1U);
  EXPECT_EQ(rest.jobs[0].id, ids[0]);
  EXPECT_TRUE(rest.next.empty());
  EXPECT_EQ(failure_of(list_jobs(house(), {.state = "asleep"})).code(), Outcome::kInvalidInput);
}

/// A daemon in small: the dispatcher and the hub on the test's own context.
class Daemon {
 public:
  Daemon(boost::asio::io_context& context, House& house, jobs::Dispatcher::RunJob run_job)
      : context_(context),
        house_(house),
        hub_(context.get_executor(), house.store(), house.pool()),
        dispatcher_({context.get_executor(), house.store(), house.clock(), house.pool(), house.worker(), house.stop()},
                    std::move(run_job), dispatcher_settings(house)) {
    context.restart();
    house.desk().attach(&dispatcher_, &hub_);
    boost::asio::co_spawn(context, hub_.run(), [this](std::exception_ptr error) {
      EXPECT_FALSE(error);
      ++ended_;
    });
    boost::asio::co_spawn(context, dispatcher_.run(), [this](std::exception_ptr error) {
      EXPECT_FALSE(error);
      ++ended_;
      hub_.stop();
    });
  }
  ~Daemon() {
    dispatcher_.stop();
    until([this] { return ended_ == 2; });
    house_.desk().attach(nullptr, nullptr);
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  void until(const std::function<bool()>& reached) {
    while (!reached()) context_.run_one();
  }
  template <class T>
  T run(task<T> work) {
    std::optional<T> result;
    std::exception_ptr error;
    boost::asio::co_spawn(context_, std::move(work), [&](std::exception_ptr thrown, T value) {
      error = thrown;
      if (!thrown) result.emplace(std::move(value));
    });
    until([&] { return result || error; });
    if (error) std::rethrow_exception(error);
    return std::move(*result);
  }
  EventHub& hub() { return hub_; }
  /// Until the job's event of this type is told; the types of those that were, in order. From the store first: it may
  /// have been before.
  std::vector<std::string> follow(const JobId& job, const std::string& last) {
    const auto reader = hub_.subscribe({.job = job});
    std::vector<std::string> types;
    std::int64_t seen = 0;
    const auto take = [&](const std::vector<JobEvent>& events) {
      for (const auto& event : events) {
        if (event.sequence <= seen || (!types.empty() && types.back() == last)) continue;
        seen = event.sequence;
        types.push_back(event.type);
      }
    };
    take(run(list_job_events(house_, {.job = job.str()})).events);
    while (types.empty() || types.back() != last) take(run(reader->next(Deadline::after(30s))).events);
    return types;
  }

 private:
  boost::asio::io_context& context_;
  House& house_;
  EventHub hub_;
  jobs::Dispatcher dispatcher_;
  int ended_ = 0;
};

task<std::string> ask_for_code(House& house, jobs::Taken taken, std::string& got) {
  const Secret answer = co_await house.desk().ask(house, taken.claimed, "the code that the app sent by e-mail");
  got = answer.reveal();
  co_return R"({"asked":true})";
}

TEST_F(QueueTest, AJobThatNeedsInputWaitsForItsAnswerAndGoesOn) {
  run(house().open_vault());
  const JobId id = submit(job()).id;
  std::string got;
  {
    Daemon daemon(context_, house(), [&](const jobs::Taken& taken) { return ask_for_code(house(), taken, got); });
    daemon.follow(id, "job.needs_input");
    const JobView asking = daemon.run(show_job(house(), {id.str()}));
    ASSERT_TRUE(asking.question);
    EXPECT_EQ(asking.question->what, "the code that the app sent by e-mail");

    daemon.run(answer_job(house(), {id.str(), Secret("482913")}));
    daemon.follow(id, "job.ended");
  }
  EXPECT_EQ(got, "482913");
  const JobView done = show(id);
  EXPECT_EQ(done.state, JobState::kDone);
  EXPECT_EQ(done.result["asked"], true);
  EXPECT_THAT(events_of(id), ElementsAre("job.queued", "job.started", "job.needs_input", "job.resumed", "job.ended"));
  const auto row =
      house().store().read([&](store::ReadTransaction& transaction) { return *store::find_job(transaction, id); });
  EXPECT_EQ(row.sealed_answer, "");
}

TEST_F(QueueTest, AJobThatNobodyAnswersEndsAsNeedsInput) {
  config_.jobs.input_wait = 20ms;
  run(house().open_vault());
  const JobId id = submit(job()).id;
  std::string got;
  {
    Daemon daemon(context_, house(), [&](const jobs::Taken& taken) { return ask_for_code(house(), taken, got); });
    daemon.follow(id, "job.ended");
  }
  const JobView view = show(id);
  EXPECT_EQ(view.state, JobState::kNeedsInput);
  EXPECT_EQ(view.outcome, "needs_input");
  EXPECT_THAT(view.message, HasSubstr("e-mail"));
  EXPECT_EQ(failure_of(answer_job(house(), {id.str(), Secret("1")})).code(), Outcome::kInvalidInput);
}

TEST_F(QueueTest, AJobThatWaitsForAPersonCanBeCancelled) {
  run(house().open_vault());
  const JobId id = submit(job()).id;
  std::string got;
  {
    Daemon daemon(context_, house(), [&](const jobs::Taken& taken) { return ask_for_code(house(), taken, got); });
    daemon.follow(id, "job.needs_input");
    daemon.run(cancel_job(house(), {id.str()}));
    daemon.follow(id, "job.ended");
  }
  EXPECT_EQ(show(id).state, JobState::kCancelled);
}

TEST_F(QueueTest, AJobThatWaitsForAPersonGoesBackAtAStopAndAsksTheNextDaemonAgain) {
  config_.jobs.drain = 0ms;
  open();
  run(house().open_vault());
  const JobId id = submit(job()).id;
  std::string got;
  {
    Daemon daemon(context_, house(), [&](const jobs::Taken& taken) { return ask_for_code(house(), taken, got); });
    daemon.follow(id, "job.needs_input");
  }
  const JobView back = show(id);
  EXPECT_EQ(back.state, JobState::kQueued);
  EXPECT_FALSE(back.question);
  EXPECT_EQ(back.attempts, 0) << "it was not its fault";

  open();
  run(house().open_vault());
  {
    Daemon daemon(context_, house(), [&](const jobs::Taken& taken) { return ask_for_code(house(), taken, got); });
    const auto reader = daemon.hub().subscribe({.job = id, .types = {"job.needs_input"}});
    while (!daemon.run(show_job(house(), {id.str()})).question) daemon.run(reader->next(Deadline::after(30s)));
    daemon.run(answer_job(house(), {id.str(), Secret("482913")}));
    daemon.follow(id, "job.ended");
  }
  EXPECT_EQ(got, "482913");
  EXPECT_EQ(show(id).state, JobState::kDone);
}

task<std::string> take_steps(House& house, jobs::Taken taken, int count) {
  StepEvents steps(house.desk().hub(), house.clock(), taken.row.id);
  for (int i = 0; i < count; ++i) {
    steps.on_event(StepStarted{"1", "sign in", {}});
    steps.on_event(StepEnded{"1", "sign in", 5ms, Outcome::kOk, false, ""});
  }
  co_return "{}";
}

TEST_F(QueueTest, AReaderIsToldWhatHappensInOrderAndOnlyWhatItWants) {
  run(house().open_vault());
  JobId wanted;
  std::vector<std::string> seen;
  {
    Daemon daemon(context_, house(), [&](const jobs::Taken& taken) { return take_steps(house(), taken, 1); });
    wanted = daemon.run(submit_job(house(), job("check"))).job->id;
    const auto reader = daemon.hub().subscribe({.job = wanted});
    daemon.run(submit_job(house(), job("login")));
    while (seen.empty() || seen.back() != "job.ended")
      for (const auto& event : daemon.run(reader->next(Deadline::after(30s))).events) {
        EXPECT_EQ(event.job, wanted);
        seen.push_back(event.type);
      }
  }
  EXPECT_THAT(seen, testing::IsSupersetOf({"job.started", "job.ended"}));
  EXPECT_THAT(events_of(wanted), ElementsAre("job.queued", "job.started", "job.step", "job.step", "job.ended"));
}

TEST_F(QueueTest, WhoFollowsAJobToItsEndHasHeardAllOfIt) {
  run(house().open_vault());
  std::vector<std::string> all{"job.queued", "job.started"};
  all.insert(all.end(), 40, "job.step");
  all.push_back("job.ended");
  Daemon daemon(context_, house(), [&](const jobs::Taken& taken) { return take_steps(house(), taken, 20); });
  for (int round = 0; round < 10; ++round) {
    const JobId id = daemon.run(submit_job(house(), job("check"))).job->id;
    EXPECT_EQ(daemon.follow(id, "job.ended"), all);
  }
}

task<std::string> take_steps_and_fail(House& house, jobs::Taken taken) {
  co_await take_steps(house, taken, 20);
  throw Failure(Outcome::kBadCredentials, "as the test wants it");
}

TEST_F(QueueTest, TheStepsOfAJobThatFailedStandBeforeItsEndToo) {
  run(house().open_vault());
  Daemon daemon(context_, house(), [&](const jobs::Taken& taken) { return take_steps_and_fail(house(), taken); });
  const JobId id = daemon.run(submit_job(house(), job("check"))).job->id;
  EXPECT_EQ(daemon.follow(id, "job.ended").size(), 43U);
}

TEST_F(QueueTest, AHubThatDoesNotRunKeepsNobodyWaiting) {
  run(house().open_vault());
  EventHub hub(context_.get_executor(), house().store(), house().pool());
  hub.publish({JobId::make(house().clock().now()), "job.step", nlohmann::json::object(), house().clock().now()});
  run_to_end(context_, hub.flush());
}

TEST_F(QueueTest, ASlowReaderIsToldThatItMissedSome) {
  run(house().open_vault());
  Daemon daemon(context_, house(), [&](const jobs::Taken& taken) { return take_steps(house(), taken, 1); });
  const auto slow = daemon.hub().subscribe({});
  const auto quick = daemon.hub().subscribe({.types = {"job.remark"}});
  const JobId id = daemon.run(submit_job(house(), job("check"))).job->id;
  for (std::size_t i = 0; i < Subscription::kMost; ++i)
    daemon.hub().publish({id, "job.step", nlohmann::json::object(), house().clock().now()});
  daemon.hub().publish({id, "job.remark", nlohmann::json::object(), house().clock().now()});
  while (daemon.run(quick->next(Deadline::after(30s))).events.empty()) {
  }
  EXPECT_TRUE(daemon.run(slow->next(Deadline::after(30s))).missed);
}

}  // namespace
}  // namespace totpilot::services
