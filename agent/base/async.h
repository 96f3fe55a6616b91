#pragma once
// Coroutine helpers over Boost.Asio. One io_context thread per world (browsers, HTTP); what blocks goes to a small
// pool.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "agent/base/deadline.h"
#include "agent/base/failure.h"

namespace totpilot {

template <class T>
using task = boost::asio::awaitable<T>;

/// Suspends until `when`. For clocks and timeouts inside this room and the drivers; nobody else waits for time as such.
task<void> pause_until(Deadline::Clock::time_point when);

/// What a ReplySlot waits with; no template, so that its users need not compile a timer's coroutine each.
class SlotTimer {
 public:
  explicit SlotTimer(const boost::asio::any_io_executor& executor)
      : timer_(executor, Deadline::Clock::time_point::max()) {}
  /// Until `wake` or the deadline.
  task<void> wait(Deadline deadline);
  void wake() { timer_.cancel(); }

 private:
  boost::asio::steady_timer timer_;
};

/// A value that arrives once, and at most one coroutine that waits for it. One io_context thread; not for other
/// threads. The waiter races the slot against its deadline, never the read that will fill it.
template <class T>
class ReplySlot {
 public:
  explicit ReplySlot(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  bool settled() const { return value_.has_value() || error_ != nullptr; }

  /// The first value or error wins; later ones are dropped.
  void set(T value) {
    if (settled()) return;
    value_.emplace(std::move(value));
    timer_.wake();
  }
  void fail(std::exception_ptr error) {
    if (settled()) return;
    error_ = std::move(error);
    timer_.wake();
  }

  /// The value; throws the error it was failed with, or timed_out with `what` ("the reply to Page.navigate").
  task<T> wait(Deadline deadline, std::string what) {
    if (!settled()) co_await timer_.wait(deadline);
    if (error_) std::rethrow_exception(error_);
    if (!value_ && !deadline.expired()) throw Failure(Outcome::kCancelled, "the wait for " + what + " was cancelled");
    if (!value_) throw Failure(Outcome::kTimedOut, what + " did not come in time");
    T value = std::move(*value_);
    co_return value;
  }

 private:
  SlotTimer timer_;
  std::optional<T> value_;
  std::exception_ptr error_;
};

/// Runs `work` on the pool; resumes on the caller's executor, with its exception if it threw.
task<void> run_on_pool(boost::asio::thread_pool& pool, std::function<void()> work);

/// Runs `work` (which may block) on the pool and resumes on the caller's executor with its result or exception.
template <class Work>
auto run_blocking(boost::asio::thread_pool& pool, Work work) -> task<std::invoke_result_t<Work>> {
  using Result = std::invoke_result_t<Work>;
  if constexpr (std::is_void_v<Result>) {
    auto held = std::make_shared<Work>(std::move(work));  // std::function wants what can be copied
    co_await run_on_pool(pool, [held] { (*held)(); });
  } else {
    struct Held {
      Work work;
      std::optional<Result> result;
    };
    // Shared with the pool's thread, which may outlive a coroutine that is destroyed.
    auto held = std::make_shared<Held>(std::move(work), std::nullopt);
    co_await run_on_pool(pool, [held] { held->result.emplace(held->work()); });
    co_return std::move(*held->result);
  }
}

/// Runs a coroutine to its end on a context of its own, from code that is not one (command line, tests).
void run_to_end(boost::asio::io_context& context, task<void> work);

template <class T>
T run_to_end(boost::asio::io_context& context, task<T> work) {
  std::optional<T> result;
  run_to_end(context, [](task<T> inner, std::optional<T>& out) -> task<void> {
    out.emplace(co_await std::move(inner));
  }(std::move(work), result));
  if (!result) throw Failure(Outcome::kCancelled, "the work was stopped before its end");
  return std::move(*result);
}

}  // namespace totpilot
