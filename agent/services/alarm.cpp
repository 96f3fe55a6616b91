#include "agent/services/alarm.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace totpilot::services {

task<void> Alarm::wait(std::optional<TimePoint> when, const Clock& clock) {
  if (!woken_) {
    timer_.expires_at(when ? std::chrono::system_clock::now() + (*when - clock.now())
                           : boost::asio::system_timer::time_point::max());
    boost::system::error_code ignored;
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  }
  woken_ = false;
}

}  // namespace totpilot::services
