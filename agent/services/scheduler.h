#pragma once
// Scheduler: submits the jobs of what is due. Sleeps until the next due moment, and is woken when a schedule changes.
// Each job's idempotency key is made of schedule, due moment and account, and a due moment stays pending in the store
// until all its jobs are submitted: a restart submits what is missing, and nothing twice. On the house's io_context.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <optional>
#include <string>

#include "agent/base/async.h"
#include "agent/base/clock.h"
#include "agent/services/alarm.h"
#include "agent/services/queue.h"
#include "agent/store/schedules.h"
#include "agent/store/store.h"

namespace totpilot::services {

/// What a due moment later than this, found at a start, was: missed.
inline constexpr std::chrono::minutes kPunctual{5};

/// submit_job(), as a function.
using Submit = std::function<task<Submitted>(SubmitJob request)>;

/// What was planned gives way to what somebody waits for.
inline constexpr int kPlannedPriority = -10;
/// After a database that refused.
inline constexpr std::chrono::seconds kNextTry{5};
/// What another try at the same thing may mend.
bool is_passing(const Failure& failure);

struct PlanParts {
  store::Store& store;
  const Clock& clock;
  boost::asio::thread_pool& pool;
  Submit submit;
};

/// How the jobs of a schedule are begun.
enum class Haste {
  kAsPlanned,  // spread by the jitter, kept out of the blackouts
  kAtOnce,     // a person wants it now
};

struct DueJobs {
  int submitted = 0;
  int left_out = 0;  // nothing to do, or nothing that can be done: see Prospect
  int refused = 0;
  std::string first_refusal;
};
/// "3 jobs; 1 account left out".
std::string in_words(const DueJobs& jobs);

/// Submits the jobs of one due moment; submits none twice. Throws what the store fails with.
task<DueJobs> submit_due(const PlanParts& parts, const store::ScheduleRow& schedule, TimePoint due, Haste haste);

class Scheduler {
 public:
  Scheduler(const boost::asio::any_io_executor& executor, PlanParts parts);
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Until stop().
  task<void> run();
  /// A schedule has changed.
  void wake() { alarm_.wake(); }
  void stop();

  /// Does what is due now; gives the moment to look again at. Nothing: when it is woken.
  task<std::optional<TimePoint>> look();

 private:
  task<void> pass_what_is_due(store::ScheduleRow& schedule);
  task<void> begin_pending(store::ScheduleRow& schedule);
  task<std::optional<TimePoint>> look_at(store::ScheduleRow schedule);

  PlanParts parts_;
  Alarm alarm_;
  bool stopping_ = false;
};

}  // namespace totpilot::services
