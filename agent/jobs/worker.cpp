#include "agent/jobs/worker.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/base/log.h"
#include "agent/enrollment/window_ledger.h"
#include "agent/jobs/watch.h"
#include "agent/store/jobs.h"
#include "agent/store/store.h"

namespace totpilot::jobs {

namespace asio = boost::asio;

namespace {

constexpr auto kDeadJobLease = std::chrono::seconds(60);

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
    job.created = now;
    return store_.write([&](store::WriteTransaction& transaction) {
      store::insert_job(transaction, job);
      // One transaction: a job that cannot be claimed now was never there.
      auto claimed = store::claim_job(transaction, job.id, id_, now, now + settings_.lease);
      if (!claimed) throw Failure(Outcome::kBusy, "another job of this account is running", "wait for its end");
      if (!request.reports.empty()) {
        claimed->report_directory = (request.reports / job.id.str()).string();
        store::set_report_directory(transaction, store::fence_of(*claimed), claimed->report_directory);
      }
      return *claimed;
    });
  });
  co_return Claimed{flow::JobLease{row.id, row.lease_generation}, row.report_directory};
}

task<void> Worker::run(Claimed claimed, std::function<task<void>()> flow) {
  const auto executor = co_await asio::this_coro::executor;
  Watch watch(executor, store_, clock_, pool_, store::JobFence{claimed.lease.job, id_, claimed.lease.generation},
              settings_, stop_);
  watch.start();
  std::exception_ptr error;
  try {
    if (stop_.requested()) throw Failure(Outcome::kCancelled, "the run was stopped on request before it began");
    co_await asio::co_spawn(executor, flow(), asio::bind_cancellation_slot(watch.slot(), asio::use_awaitable));
  } catch (...) {
    error = std::current_exception();
  }
  co_await watch.stop();
  std::optional<Failure> failure;
  if (error) failure = as_failure(error, watch);
  co_await finish(claimed.lease, failure);
  if (failure) throw Failure(*failure);
}

task<void> Worker::finish(flow::JobLease lease, std::optional<Failure> failure) {
  store::JobEnd end;
  end.state = state_for(failure);
  end.outcome = outcome_name(failure ? failure->code() : Outcome::kOk);
  if (failure) end.message = failure->message();
  try {
    const bool ours = co_await run_blocking(pool_, [this, lease, end]() mutable {
      end.at = clock_.now();
      return store_.write([&](store::WriteTransaction& transaction) {
        return store::finish_job(transaction, store::JobFence{lease.job, id_, lease.generation}, end);
      });
    });
    if (!ours) log::warn("the end of job {} was not written: another worker has taken it over", lease.job.str());
  } catch (const Failure& storage) {
    // What the flow did stands in the enrollment's own journal; the row of the job is only its story.
    log::error("the end of job {} could not be written: {}", lease.job.str(), storage.message());
  }
}

int Worker::reap_dead_jobs(store::Store& store, Clock& clock, const WorkerId& by) {
  const auto running = store.read([&](store::ReadTransaction& transaction) {
    // A lease that is still to run out is dead with its process: whoever holds the StateLock is alone.
    return store::list_expired_jobs(transaction, TimePoint::max());
  });
  enrollment::WindowLedger ledger(store, clock);
  for (const store::JobRow& job : running) {
    const TimePoint now = clock.now();
    const TimePoint past_lease = std::max(now, job.lease_until.value_or(now) + std::chrono::milliseconds(1));
    store.write([&](store::WriteTransaction& transaction) {
      const auto claimed = store::claim_job(transaction, job.id, by, past_lease, past_lease + kDeadJobLease);
      if (!claimed) return;
      const Outcome outcome = job.past_return ? Outcome::kUncertain : Outcome::kCancelled;
      const store::JobEnd end{outcome == Outcome::kCancelled ? store::JobState::kCancelled : store::JobState::kFailed,
                              std::string(outcome_name(outcome)), "the process that ran it ended", now};
      store::finish_job(transaction, store::fence_of(*claimed), end);
    });
    ledger.release(job.id.str());
  }
  return static_cast<int>(running.size());
}

}  // namespace totpilot::jobs
