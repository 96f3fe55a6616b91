#include "agent/jobs/dispatcher.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/base/log.h"
#include "agent/jobs/dead_jobs.h"
#include "agent/store/store.h"

namespace totpilot::jobs {

namespace asio = boost::asio;

namespace {

using Steady = Deadline::Clock;

/// The wall clock may be set, and the machine may sleep: the steady clock's promise is looked at again after this.
constexpr auto kLongestWait = std::chrono::seconds(60);
/// After a database that refused.
constexpr auto kBreath = std::chrono::seconds(5);

}  // namespace

Dispatcher::Dispatcher(Parts parts, RunJob run_job, DispatcherSettings settings)
    : parts_(std::move(parts)), run_job_(std::move(run_job)), settings_(std::move(settings)), timer_(parts_.executor) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::wake() {
  woken_ = true;
  timer_.cancel();
}

void Dispatcher::stop() {
  stopping_ = true;
  wake();
}

void Dispatcher::changed() {
  if (changed_) changed_();
}

void Dispatcher::set_parked(const JobId& job, bool parked) {
  if (parked) {
    parked_.insert(job);
  } else {
    parked_.erase(job);
  }
  wake();
  changed();
}

int Dispatcher::places_left() const {
  const int lent = std::min(static_cast<int>(parked_.size()), settings_.at_once);
  return settings_.at_once - (running_ - lent);
}

task<void> Dispatcher::run() {
  while (!stopping_) co_await look_once();
  co_await drain();
}

task<void> Dispatcher::look_once() {
  woken_ = false;
  bool refused = false;
  try {
    const int settled = co_await run_blocking(parts_.pool, [this] {
      return settle_dead_jobs(parts_.store, parts_.clock, parts_.worker.id(), Dead::kExpired, settings_.most_attempts);
    });
    if (settled > 0) changed();
    co_await fill();
    if (!stopping_ && !woken_) co_await wait_for_turn();
  } catch (const Failure& failure) {
    log::error("the queue could not be read: {}", failure.message());
    refused = true;
  }
  if (refused && !stopping_) co_await sleep_until(Steady::now() + kBreath);
}

task<void> Dispatcher::fill() {
  while (!stopping_ && places_left() > 0) {
    auto taken = co_await parts_.worker.take_next(settings_.take);
    if (!taken) co_return;
    start(std::move(*taken));
  }
}

void Dispatcher::start(Taken taken) {
  ++running_;
  const JobId job = taken.row.id;
  changed();
  asio::co_spawn(parts_.executor, run_one(std::move(taken)), [this, job](std::exception_ptr error) {
    if (error) log::error("the run of job {} ended without a word", job.str());
    --running_;
    parked_.erase(job);
    wake();
    changed();
  });
}

task<void> Dispatcher::run_one(Taken taken) {
  try {
    co_await parts_.worker.run_taken(taken.claimed, [this, &taken] { return run_job_(taken); }, before_end_);
  } catch (const Failure& failure) {
    log::info("job {} ({}) ended as {}: {}", taken.row.id.str(), taken.row.kind, outcome_name(failure.code()),
              failure.message());
  }
}

task<void> Dispatcher::wait_for_turn() {
  const auto turn = co_await run_blocking(parts_.pool, [this] {
    return parts_.store.read(
        [this](store::ReadTransaction& transaction) { return store::next_turn(transaction, parts_.clock.now()); });
  });
  if (!turn) {
    co_await sleep_until(Steady::time_point::max());
    co_return;
  }
  const auto span =
      std::clamp<std::chrono::milliseconds>(*turn - parts_.clock.now(), std::chrono::milliseconds(1), kLongestWait);
  co_await sleep_until(Steady::now() + span);
}

task<void> Dispatcher::sleep_until(Steady::time_point when) {
  if (woken_) co_return;
  timer_.expires_at(when);
  boost::system::error_code ignored;
  co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

task<void> Dispatcher::drain() {
  const Deadline limit = Deadline::after(settings_.drain);
  while (running_ > 0 && !limit.expired()) {
    woken_ = false;
    co_await sleep_until(limit.when());
  }
  if (running_ > 0) parts_.stop.request(Urgency::kWhenSafe);
  while (running_ > 0) {
    woken_ = false;
    co_await sleep_until(Steady::time_point::max());
  }
}

}  // namespace totpilot::jobs
