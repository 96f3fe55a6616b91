#include "agent/jobs/watch.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/base/log.h"
#include "agent/store/store.h"

namespace totpilot::jobs {

namespace asio = boost::asio;

Watch::Watch(const asio::any_io_executor& executor, store::Store& store, Clock& clock, asio::thread_pool& pool,
             store::JobFence fence, const WorkerSettings& settings, StopRequest& stop, StopRequest& stop_this)
    : store_(store),
      clock_(clock),
      pool_(pool),
      fence_(std::move(fence)),
      settings_(settings),
      executor_(executor),
      timer_(executor),
      ended_(executor),
      renewed_(Deadline::Clock::now()),
      all_(stop, [this](Urgency urgency) { wish_to_stop(urgency); }),
      this_one_(stop_this, [this](Urgency urgency) { wish_to_stop(urgency); }) {}

void Watch::wish_to_stop(Urgency urgency) {
  if (!drain_) drain_ = Deadline::after(settings_.drain);
  if (urgency == Urgency::kNow) end_flow();
  timer_.cancel();  // the loop weighs it
}

void Watch::start() {
  asio::co_spawn(executor_, loop(), [this](std::exception_ptr error) {
    if (error) log::error("the watch over job {} ended by itself", fence_.id.str());
    ended_.set(true);
  });
}

task<void> Watch::stop() {
  finishing_ = true;
  timer_.cancel();
  co_await ended_.wait(Deadline::after(std::chrono::seconds(60)), "the end of the job's watch");
}

task<void> Watch::loop() {
  while (!finishing_) {
    if (drain_) co_await weigh_stop();
    if (finishing_) break;
    auto next = renewed_ + settings_.renew_every;
    if (drain_) next = std::min(next, drain_->expired() ? next : drain_->when());
    // A renewal that failed is tried again soon, not at once.
    timer_.expires_at(std::max(next, Deadline::Clock::now() + settings_.renew_every / 10));
    boost::system::error_code woken;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    if (!finishing_ && Deadline::Clock::now() >= renewed_ + settings_.renew_every) co_await renew();
  }
}

task<void> Watch::renew() {
  struct Seen {
    bool ours = true;
    bool cancel = false;
  };
  Seen seen;
  try {
    seen = co_await run_blocking(pool_, [this] {
      return store_.write([this](store::WriteTransaction& transaction) {
        const bool ours = store::extend_lease(transaction, fence_, clock_.now() + settings_.lease);
        // Another process may have asked for it.
        const auto job = store::find_job(transaction, fence_.id);
        return Seen{ours, job && job->cancel_requested};
      });
    });
    renewed_ = Deadline::Clock::now();
  } catch (const Failure& failure) {
    log::warn("the lease of job {} could not be renewed: {}", fence_.id.str(), failure.message());
    // Not knowing is not having: past this the lease may be given to another soon.
    if (Deadline::Clock::now() - renewed_ >= settings_.give_up_after) seen.ours = false;
  }
  if (seen.cancel && !drain_) drain_ = Deadline::after(settings_.drain);
  if (seen.ours) co_return;
  lease_lost_ = true;
  end_flow();
}

task<void> Watch::weigh_stop() {
  if (flow_ended_) co_return;
  bool armed = true;
  try {
    armed = co_await run_blocking(pool_, [this] {
      const auto job =
          store_.read([this](store::ReadTransaction& transaction) { return store::find_job(transaction, fence_.id); });
      return job && job->past_return;
    });
  } catch (const Failure& failure) {
    log::warn("whether job {} may be cut off is not known: {}", fence_.id.str(), failure.message());
  }
  if (!armed || drain_->expired()) end_flow();
}

void Watch::end_flow() {
  if (std::exchange(flow_ended_, true) || finishing_) return;
  // Posted: the wish may come from within the flow's own stack, and a coroutine must be suspended to be cancelled. The
  // signal is held by the post, which may run after us; then nobody listens to it any more.
  asio::post(executor_, [signal = cancel_] { signal->emit(asio::cancellation_type::terminal); });
}

}  // namespace totpilot::jobs
