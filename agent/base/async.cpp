#include "agent/base/async.h"

namespace totpilot {

task<void> pause_until(Deadline::Clock::time_point when) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, when);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace totpilot
