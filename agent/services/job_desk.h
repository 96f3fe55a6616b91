#pragma once
// JobDesk: where services meet the queue that runs in this process: who is told when it changed, which run is to stop,
// and which jobs wait for a person. Without a daemon nothing is attached, and the rows wait. One io_context thread.
#include <functional>
#include <map>
#include <string>

#include "agent/base/async.h"
#include "agent/base/id.h"
#include "agent/base/secret.h"
#include "agent/jobs/dispatcher.h"
#include "agent/services/event_hub.h"

namespace totpilot::services {

class House;

class JobDesk {
 public:
  /// Both outlive what they run; null again before they end.
  void attach(jobs::Dispatcher* dispatcher, EventHub* hub);
  EventHub* hub() const { return hub_; }

  /// The queue or a job's row has changed.
  void changed();
  void cancel(const JobId& job);
  /// The sealed answer is in the job's row.
  void answered(const JobId& job);

  /// Schedules and campaigns are worked through in this process; an empty function: no longer.
  void on_plans_changed(std::function<void()> tell) { tell_plans_ = std::move(tell); }
  /// A schedule or a campaign has changed.
  void plans_changed() {
    if (tell_plans_) tell_plans_();
  }

  /// Parks the job until somebody answers: asked in its row, its place lent. needs_input when nobody does in time.
  task<Secret> ask(House& house, jobs::Claimed claimed, std::string what);

 private:
  class Parked;
  /// What was published of jobs is written.
  task<void> published();
  jobs::Dispatcher* dispatcher_ = nullptr;
  EventHub* hub_ = nullptr;
  std::function<void()> tell_plans_;
  std::map<JobId, ReplySlot<bool>*> waiting_;
};

}  // namespace totpilot::services
