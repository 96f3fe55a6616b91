#include "agent/base/async.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace totpilot {

task<void> pause_until(Deadline::Clock::time_point when) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, when);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

task<void> SlotTimer::wait(Deadline deadline) {
  timer_.expires_at(deadline.when());
  boost::system::error_code ignored;
  co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
}

task<void> run_on_pool(boost::asio::thread_pool& pool, std::function<void()> work) {
  // The inner coroutine keeps `work` alive; co_spawn moves the hop back to our executor. What blocks cannot be cut off,
  // and a cancellation that reached the pool's coroutine would be thrown where nobody catches it: whoever awaits us
  // meets it at the next wait.
  co_await boost::asio::co_spawn(
      pool.get_executor(),
      [](std::function<void()> held) -> task<void> {
        held();
        co_return;
      }(std::move(work)),
      boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot(), boost::asio::use_awaitable));
}

void run_to_end(boost::asio::io_context& context, task<void> work) {
  std::exception_ptr error;
  boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr thrown) {
    error = std::move(thrown);
    context.stop();
  });
  context.restart();
  context.run();
  if (error) std::rethrow_exception(error);
}

}  // namespace totpilot
