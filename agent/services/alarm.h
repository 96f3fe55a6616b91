#pragma once
// Alarm: waits for a moment of a clock, or for whoever wakes it. One coroutine waits; one io_context thread.
#include <boost/asio/system_timer.hpp>
#include <optional>

#include "agent/base/async.h"
#include "agent/base/clock.h"

namespace totpilot::services {

class Alarm {
 public:
  explicit Alarm(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  /// Also what comes between two waits ends the next one.
  void wake() {
    woken_ = true;
    timer_.cancel();
  }
  /// Nothing: until it is woken. The timer is the system clock's: it minds when that is set.
  task<void> wait(std::optional<TimePoint> when, const Clock& clock);

 private:
  boost::asio::system_timer timer_;
  bool woken_ = false;
};

}  // namespace totpilot::services
