#pragma once
// EventHub: tells whoever listens what happens to jobs, in one order. The rows of job_events are the truth: the hub
// writes what steps say, reads what was written, and hands it on; a reader that was too slow, or away, reads on from
// the store by sequence. On the io_context of the browsers.
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <deque>
#include <list>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "agent/services/progress.h"
#include "agent/store/job_events.h"
#include "agent/store/store.h"

namespace totpilot::services {

struct JobEvent {
  std::int64_t sequence = 0;
  TimePoint at;
  std::string type;  // "job.queued", "job.started", "job.step", "job.needs_input", "job.resumed", "job.ended", ...
  JobId job;
  AccountId account;
  nlohmann::json data;  // an object, without secrets
};
JobEvent event_of(const store::JobEventRow& row);
nlohmann::ordered_json to_json(const JobEvent& event);

/// Empty members let all pass.
struct EventFilter {
  JobId job = {};
  AccountId account = {};
  std::vector<std::string> types = {};
  bool lets_pass(const JobEvent& event) const;
};

/// What one reader has still to read. Bounded.
class Subscription {
 public:
  static constexpr std::size_t kMost = 1000;

  struct Batch {
    std::vector<JobEvent> events;
    bool missed = false;  // some between the last batch and this one are in the store only
    bool closed = false;  // the hub has ended
  };
  Subscription(const boost::asio::any_io_executor& executor, EventFilter filter);
  /// Those that have come; waits for the first. Empty when the deadline came. One coroutine at a time.
  task<Batch> next(Deadline deadline);

 private:
  friend class EventHub;
  void give(const JobEvent& event);
  void close();

  EventFilter filter_;
  SlotTimer timer_;
  std::deque<JobEvent> waiting_;
  bool missed_ = false;
  bool closed_ = false;
};

class EventHub {
 public:
  EventHub(const boost::asio::any_io_executor& executor, store::Store& store, boost::asio::thread_pool& pool);
  EventHub(const EventHub&) = delete;
  EventHub& operator=(const EventHub&) = delete;

  /// Gets what happens from now on, until it is dropped.
  std::shared_ptr<Subscription> subscribe(EventFilter filter);
  /// Writes an event of a job soon, in the order of the calls.
  void publish(store::JobNews news);
  /// Rows may have been written.
  void wake();
  /// Until what was published before is written. Not longer than the next try where the database refuses, and not at
  /// all where the hub does not run.
  task<void> flush();

  /// Until stop(): what was published is written first. Start it before anything happens.
  task<void> run();
  void stop();

 private:
  std::vector<store::JobEventRow> write_and_read(const std::vector<store::JobNews>& news);
  void hand_out(const std::vector<store::JobEventRow>& rows);
  task<bool> turn();
  task<void> turn_until_stopped();
  using Flushes = std::vector<std::shared_ptr<ReplySlot<bool>>>;  // shared: who waits may be cancelled
  static void let_go(const Flushes& flushes);

  store::Store& store_;
  boost::asio::thread_pool& pool_;
  boost::asio::any_io_executor executor_;
  SlotTimer timer_;
  std::list<std::weak_ptr<Subscription>> readers_;
  std::vector<store::JobNews> published_;
  Flushes flushes_;
  std::int64_t last_ = -1;  // the newest handed out; below 0: not begun
  bool running_ = false;
  bool woken_ = false;
  bool stopping_ = false;
};

/// A job's steps as events.
class StepEvents final : public ProgressListener {
 public:
  StepEvents(EventHub* hub, Clock& clock, JobId job) : hub_(hub), clock_(clock), job_(std::move(job)) {}
  void on_event(const Event& event) override;

 private:
  EventHub* hub_;  // null: nobody listens
  Clock& clock_;
  JobId job_;
};

}  // namespace totpilot::services
