#pragma once
// Worker: runs a flow as a job: a row in the queue, claimed with a lease that is renewed while the flow runs, and ended
// in the store whatever happens. Every write of the flow is fenced by the claim's generation, so a worker that was
// thought dead cannot do harm. One job per account at a time; the store sees to it. On the io_context of the browsers;
// SQL goes to the pool.
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "agent/base/async.h"
#include "agent/base/clock.h"
#include "agent/flow/flows.h"
#include "agent/jobs/stop_request.h"
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
};

struct JobRequest {
  AccountId account;
  std::string kind;               // "enroll", "login", ...
  std::filesystem::path reports;  // the job's own directory is made below it; empty: no report is kept
};

/// A claimed job as the flow sees it.
struct Claimed {
  flow::JobLease lease;
  std::filesystem::path report_directory;
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

  /// Ends the jobs that a dead process left running, and gives back what they had reserved. For the holder of the
  /// StateLock: then no other process can be alive, so their leases need not run out first. Returns how many.
  static int reap_dead_jobs(store::Store& store, Clock& clock, const WorkerId& by);

 private:
  task<void> finish(flow::JobLease lease, std::optional<Failure> failure);

  store::Store& store_;
  Clock& clock_;
  boost::asio::thread_pool& pool_;
  StopRequest& stop_;
  WorkerSettings settings_;
  WorkerId id_;
};

}  // namespace totpilot::jobs
