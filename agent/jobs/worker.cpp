#include "agent/jobs/worker.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/base/log.h"
#include "agent/jobs/dead_jobs.h"
#include "agent/jobs/watch.h"
#include "agent/store/job_events.h"
#include "agent/store/jobs.h"
#include "agent/store/store.h"

namespace totpilot::jobs {

namespace asio = boost::asio;

namespace {

Failure stopped() { return Failure(Outcome::kCancelled, "the run was stopped on request"); }

/// What a wait that was cut off is taken for by whoever waited.
bool is_echo(Outcome code) {
  return code == Outcome::kTimedOut || code == Outcome::kBrowserLost || code == Outcome::kAppUnreachable ||
         code == Outcome::kInternal;
}

/// What ended the flow, in our words; a foreign exception's text is not shown, it may quote what it was given.
Failure as_failure(const std::exception_ptr& error, const Watch& watch) {
  if (watch.lease_lost())
    return Failure(Outcome::kBusy, "another worker has taken the job over",
                   "wait for it: totpilot account show ACCOUNT");
  try {
    std::rethrow_exception(error);
  } catch (const Failure& failure) {
    return watch.cut_off() && is_echo(failure.code()) ? stopped() : failure;
  } catch (const boost::system::system_error& failure) {
    if (failure.code() == asio::error::operation_aborted) return stopped();
    return Failure(Outcome::kInternal, "an unexpected error of the input and output library ended the run");
  } catch (const std::bad_alloc&) {
    return Failure(Outcome::kInternal, "there was not enough memory");
  } catch (...) {
    return Failure(Outcome::kInternal, "an unexpected error ended the run");
  }
}

/// The job's own place in the list of runs, for as long as it runs.
class Listed {
 public:
  Listed(std::map<JobId, StopRequest*>& runs, const JobId& job, StopRequest& stop) : runs_(runs), job_(job) {
    runs_[job] = &stop;
  }
  ~Listed() { runs_.erase(job_); }
  Listed(const Listed&) = delete;
  Listed& operator=(const Listed&) = delete;

 private:
  std::map<JobId, StopRequest*>& runs_;
  JobId job_;
};

task<std::string> without_result(std::function<task<void>()> flow) {
  co_await flow();
  co_return std::string();
}

task<void> keep_result(std::string& result, const std::function<task<std::string>()>& flow) {
  result = co_await flow();
}

store::JobState state_for(const std::optional<Failure>& failure) {
  if (!failure) return store::JobState::kDone;
  switch (failure->code()) {
    case Outcome::kCancelled:
      return store::JobState::kCancelled;
    case Outcome::kNeedsInput:
      return store::JobState::kNeedsInput;
    default:
      return store::JobState::kFailed;
  }
}

void keep_report_directory(store::WriteTransaction& transaction, store::JobRow& claimed,
                           const std::filesystem::path& reports) {
  if (reports.empty()) return;
  claimed.report_directory = (reports / claimed.id.str()).string();
  store::set_report_directory(transaction, store::fence_of(claimed), claimed.report_directory);
}

Claimed claimed_of(const store::JobRow& row) {
  return {flow::JobLease{row.id, row.lease_generation}, row.report_directory};
}

}  // namespace

Worker::Worker(store::Store& store, Clock& clock, asio::thread_pool& pool, StopRequest& stop, WorkerSettings settings)
    : store_(store), clock_(clock), pool_(pool), stop_(stop), settings_(settings), id_(WorkerId::make(clock.now())) {}

task<Claimed> Worker::start(JobRequest request) {
  const auto row = co_await run_blocking(pool_, [this, request] {
    const TimePoint now = clock_.now();
    store::JobRow job;
    job.id = JobId::make(now);
    job.account = request.account;
    job.kind = request.kind;
    job.requested_by = request.requested_by;
    job.created = now;
    return store_.write([&](store::WriteTransaction& transaction) {
      store::insert_job(transaction, job);
      // One transaction: a job that cannot be claimed now was never there.
      auto claimed = store::claim_job(transaction, job.id, id_, now, now + settings_.lease);
      if (!claimed) throw Failure(Outcome::kBusy, "another job of this account is running", "wait for its end");
      store::tell(transaction, {job.id, "job.started", {{"kind", job.kind}}, now});
      keep_report_directory(transaction, *claimed, request.reports);
      return *claimed;
    });
  });
  co_return claimed_of(row);
}

task<std::optional<Taken>> Worker::take_next(TakeRules rules) {
  const auto row = co_await run_blocking(pool_, [this, rules] {
    const TimePoint now = clock_.now();
    return store_.write([&](store::WriteTransaction& transaction) {
      auto claimed = store::claim_next_job(transaction, id_, now, now + settings_.lease, rules.turns);
      if (claimed) keep_report_directory(transaction, *claimed, rules.reports);
      return claimed;
    });
  });
  if (!row) co_return std::nullopt;
  co_return Taken{*row, claimed_of(*row)};
}

void Worker::cancel(const JobId& job, Urgency urgency) {
  const auto run = runs_.find(job);
  if (run != runs_.end()) run->second->request(urgency);
}

task<void> Worker::run(Claimed claimed, std::function<task<void>()> flow) {
  co_await run_taken(std::move(claimed), [&flow] { return without_result(flow); });
}

task<void> Worker::run_taken(Claimed claimed, std::function<task<std::string>()> flow,
                             std::function<task<void>()> before_end) {
  const auto executor = co_await asio::this_coro::executor;
  StopRequest stop_this;
  const Listed listed(runs_, claimed.lease.job, stop_this);
  Watch watch(executor, store_, clock_, pool_, store::JobFence{claimed.lease.job, id_, claimed.lease.generation},
              settings_, stop_, stop_this);
  watch.start();
  std::exception_ptr error;
  std::string result;
  try {
    if (stop_.requested()) throw Failure(Outcome::kCancelled, "the run was stopped on request before it began");
    co_await asio::co_spawn(executor, keep_result(result, flow),
                            asio::bind_cancellation_slot(watch.slot(), asio::use_awaitable));
  } catch (...) {
    error = std::current_exception();
  }
  if (before_end) co_await before_end();
  co_await watch.stop();
  std::optional<Failure> failure;
  if (error) failure = as_failure(error, watch);
  co_await finish({claimed.lease, failure, std::move(result)});
  if (failure) throw Failure(*failure);
}

bool Worker::end_in(store::WriteTransaction& transaction, const Ending& ending) {
  const TimePoint now = clock_.now();
  const store::JobFence fence{ending.lease.job, id_, ending.lease.generation};
  const auto job = store::find_job(transaction, ending.lease.job);
  if (!job) return false;
  store::JobEnd end;
  end.at = now;
  end.state = state_for(ending.failure);
  end.result = ending.result;
  Outcome outcome = ending.failure ? ending.failure->code() : Outcome::kOk;
  const auto again = ending.failure ? try_again(*job, outcome, now, settings_.again) : std::nullopt;
  if (job->past_return && outcome == Outcome::kCancelled) {
    // Cut off behind the act: whether it took effect is the app's to say.
    end.state = store::JobState::kFailed;
    outcome = Outcome::kUncertain;
  }
  end.outcome = outcome_name(outcome);
  if (ending.failure) end.message = ending.failure->message();
  const bool ours =
      again ? store::requeue_job(transaction, fence, {end.outcome, end.message, now, again->at, again->attempts})
            : store::finish_job(transaction, fence, end);
  if (ours && !job->lane.empty()) {
    store::LaneRow lane = store::find_lane(transaction, job->lane)
                              .value_or(store::LaneRow{.lane = job->lane, .open_until = {}, .next_start = {}});
    store::put_lane(transaction, after_job(std::move(lane), outcome, now, settings_.breaker));
  }
  return ours;
}

task<void> Worker::finish(Ending ending) {
  try {
    const bool ours = co_await run_blocking(pool_, [this, ending] {
      return store_.write([&](store::WriteTransaction& transaction) { return end_in(transaction, ending); });
    });
    if (!ours) log::warn("the end of job {} was not written: another worker has taken it over", ending.lease.job.str());
  } catch (const Failure& storage) {
    // What the flow did stands in the enrollment's own journal; the row of the job is only its story.
    log::error("the end of job {} could not be written: {}", ending.lease.job.str(), storage.message());
  }
}

int Worker::reap_dead_jobs(store::Store& store, Clock& clock, const WorkerId& by, int most_attempts) {
  return settle_dead_jobs(store, clock, by, Dead::kAll, most_attempts);
}

}  // namespace totpilot::jobs
