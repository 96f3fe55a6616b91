#pragma once
// Worker: runs a flow as a job: a row in the queue, claimed with a lease that is renewed while the flow runs, and ended
// in the store whatever happens. Every write of the flow is fenced by the claim's generation, so a worker that was
// thought dead cannot do harm. One job per account at a time; the store sees to it. On the io_context of the browsers;
// SQL goes to the pool.
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "agent/base/async.h"
#include "agent/base/clock.h"
#include "agent/flow/flows.h"
#include "agent/jobs/again.h"
#include "agent/jobs/stop_request.h"
#include "agent/store/job_turns.h"
#include "agent/store/rows.h"

namespace totpilot::store {
class Store;
}

namespace totpilot::jobs {

struct WorkerSettings {
  std::chrono::milliseconds lease{60'000};
  std::chrono::milliseconds renew_every{10'000};
  std::chrono::milliseconds give_up_after{45'000};  // without a renewal that succeeded the worker stops itself
  std::chrono::milliseconds drain{90'000};          // how long an armed run may go on after it was asked to stop
  AgainRules again = {};
  BreakerRules breaker = {};
};

struct JobRequest {
  AccountId account;
  std::string kind;               // "enroll", "login", ...
  std::filesystem::path reports;  // the job's own directory is made below it; empty: no report is kept
  std::string requested_by = {};
};

/// A claimed job as the flow sees it.
struct Claimed {
  flow::JobLease lease;
  std::filesystem::path report_directory;
};

/// A job of the queue that is ours now.
struct Taken {
  store::JobRow row;
  Claimed claimed;
};

struct TakeRules {
  std::filesystem::path reports = {};  // as in JobRequest
  store::TurnRules turns = {};
};

class Worker {
 public:
  Worker(store::Store& store, Clock& clock, boost::asio::thread_pool& pool, StopRequest& stop,
         WorkerSettings settings = {});

  /// Queues a job for the account and claims it. busy when another job of the account runs.
  task<Claimed> start(JobRequest request);

  /// Runs `flow` (its result goes where the caller keeps it) under the claim and ends the job with its outcome. Throws
  /// what the flow threw, as a Failure always: cancelled when it was stopped on request, busy when the lease was lost.
  task<void> run(Claimed claimed, std::function<task<void>()> flow);

  /// Claims the queue's next job; nothing when none may run now.
  task<std::optional<Taken>> take_next(TakeRules rules);

  /// The same as run() for a job of the queue: what `flow` returns is its result (JSON without secrets), kept with its
  /// end. One that failed goes back into the queue where trying again can help.
  /// `before_end`, where there is one, is awaited between the flow's end and the job's.
  task<void> run_taken(Claimed claimed, std::function<task<std::string>()> flow,
                       std::function<task<void>()> before_end = {});

  /// Stops the run of this job, weighed as every wish to stop. Nothing when it does not run here.
  void cancel(const JobId& job, Urgency urgency = Urgency::kWhenSafe);

  /// Settles what a dead process left running. For the holder of the StateLock: then no other process can be alive, so
  /// their leases need not run out first. Returns how many.
  static int reap_dead_jobs(store::Store& store, Clock& clock, const WorkerId& by, int most_attempts);

  const WorkerId& id() const { return id_; }

 private:
  struct Ending {
    flow::JobLease lease;
    std::optional<Failure> failure;
    std::string result;
  };
  task<void> finish(Ending ending);
  bool end_in(store::WriteTransaction& transaction, const Ending& ending);

  store::Store& store_;
  Clock& clock_;
  boost::asio::thread_pool& pool_;
  StopRequest& stop_;
  WorkerSettings settings_;
  WorkerId id_;
  std::map<JobId, StopRequest*> runs_;  // each belongs to the run_taken() of its job
};

}  // namespace totpilot::jobs
