#pragma once
// Dispatcher: runs the queue: claims by urgency and age, so many at once, until it is stopped. Woken by whoever changes
// the queue; by a timer only where time itself makes a job's turn (a not_before, an app's breaker, a lease). What a job
// does comes as a function from the layer above. On the io_context of the browsers; outlives its jobs.
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <set>
#include <string>

#include "agent/base/async.h"
#include "agent/base/clock.h"
#include "agent/jobs/stop_request.h"
#include "agent/jobs/worker.h"

namespace totpilot::jobs {

struct DispatcherSettings {
  int at_once = 2;
  std::chrono::milliseconds drain{30'000};  // how long a stop waits before it cuts off what may be cut
  int most_attempts = 3;                    // of a job whose process dies each time
  TakeRules take = {};
};

class Dispatcher {
 public:
  /// Gives the job's result as JSON without secrets, or throws what it failed with.
  using RunJob = std::function<task<std::string>(const Taken& taken)>;

  struct Parts {
    boost::asio::any_io_executor executor;
    store::Store& store;
    Clock& clock;
    boost::asio::thread_pool& pool;
    Worker& worker;
    StopRequest& stop;  // the worker's
  };
  Dispatcher(Parts parts, RunJob run_job, DispatcherSettings settings);
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  /// Called whenever a job began, ended or went back.
  void on_change(std::function<void()> tell) { changed_ = std::move(tell); }
  /// Awaited between the end of what a job does and the job's end in the store; must not throw.
  void before_end(std::function<task<void>()> work) { before_end_ = std::move(work); }

  /// Runs the queue until stop(); returns when nothing of it runs any more.
  task<void> run();

  /// The queue has changed.
  void wake();
  /// The row says so already (store::cancel_job): stop the run where it may be stopped.
  void cancel(const JobId& job) { parts_.worker.cancel(job); }
  /// Claims no more. What runs may end by itself within the drain time; then what armed nothing goes back into the
  /// queue, and what is armed gets the worker's own time.
  void stop();

  /// A job that waits for a person lends its place to another; as many as there are places.
  void set_parked(const JobId& job, bool parked);

  int running() const { return running_; }

 private:
  task<void> look_once();
  task<void> fill();
  task<void> run_one(Taken taken);
  task<void> wait_for_turn();
  task<void> drain();
  task<void> sleep_until(Deadline::Clock::time_point when);
  int places_left() const;
  void start(Taken taken);
  void changed();

  Parts parts_;
  RunJob run_job_;
  DispatcherSettings settings_;
  std::function<void()> changed_;
  std::function<task<void>()> before_end_;
  boost::asio::steady_timer timer_;
  std::set<JobId> parked_;
  int running_ = 0;
  bool woken_ = false;
  bool stopping_ = false;
};

}  // namespace totpilot::jobs
