#pragma once
// Coroutine helpers over Boost.Asio. One io_context thread per world (browsers, HTTP); what blocks goes to a small
// pool.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
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

/// A value that arrives once, and at most one coroutine that waits for it. One io_context thread; not for other
/// threads. The waiter races the slot against its deadline, never the read that will fill it.
template <class T>
class ReplySlot {
 public:
  explicit ReplySlot(const boost::asio::any_io_executor& executor)
      : timer_(executor, Deadline::Clock::time_point::max()) {}

  bool settled() const { return value_.has_value() || error_ != nullptr; }

  /// The first value or error wins; later ones are dropped.
  void set(T value) {
    if (settled()) return;
    value_.emplace(std::move(value));
    timer_.cancel();
  }
  void fail(std::exception_ptr error) {
    if (settled()) return;
    error_ = std::move(error);
    timer_.cancel();
  }

  /// The value; throws the error it was failed with, or timed_out with `what` ("the reply to Page.navigate").
  task<T> wait(Deadline deadline, std::string what) {
    if (!settled()) {
      timer_.expires_at(deadline.when());
      boost::system::error_code ignored;
      co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }
    if (error_) std::rethrow_exception(error_);
    if (!value_ && !deadline.expired()) throw Failure(Outcome::kCancelled, "the wait for " + what + " was cancelled");
    if (!value_) throw Failure(Outcome::kTimedOut, what + " did not come in time");
    T value = std::move(*value_);
    co_return value;
  }

 private:
  boost::asio::steady_timer timer_;
  std::optional<T> value_;
  std::exception_ptr error_;
};

/// Runs `work` (which may block) on the pool and resumes on the caller's executor with its result or exception.
template <class Work>
auto run_blocking(boost::asio::thread_pool& pool, Work work) -> task<std::invoke_result_t<Work>> {
  using Result = std::invoke_result_t<Work>;
  // The coroutine keeps `work` alive; co_spawn moves the hop back to our executor.
  if constexpr (std::is_void_v<Result>) {
    co_await boost::asio::co_spawn(
        pool.get_executor(),
        [](Work held) -> task<void> {
          held();
          co_return;
        }(std::move(work)),
        boost::asio::use_awaitable);
  } else {
    // Wrapped, because co_spawn must be able to make an empty result for a failure.
    std::optional<Result> result = co_await boost::asio::co_spawn(
        pool.get_executor(),
        [](Work held) -> task<std::optional<Result>> { co_return std::optional<Result>(held()); }(std::move(work)),
        boost::asio::use_awaitable);
    co_return std::move(*result);
  }
}

/// Runs a coroutine to its end on a context of its own, from code that is not one (command line, tests).
template <class T>
T run_to_end(boost::asio::io_context& context, task<T> work) {
  std::exception_ptr error;
  if constexpr (std::is_void_v<T>) {
    boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr e) {
      error = e;
      context.stop();
    });
    context.restart();
    context.run();
    if (error) std::rethrow_exception(error);
  } else {
    std::optional<T> result;
    boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr e, T value) {
      error = e;
      if (!e) result.emplace(std::move(value));
      context.stop();
    });
    context.restart();
    context.run();
    if (error) std::rethrow_exception(error);
    if (!result) throw Failure(Outcome::kCancelled, "the work was stopped before its end");
    return std::move(*result);
  }
}

}  // namespace totpilot
