#pragma once
// Watch: what goes on beside a running flow: the lease is renewed, and a wish to stop is weighed against what the flow
// has already done. It ends the flow only through its cancellation signal. On the flow's io_context; owned by
// Worker::run.
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <optional>

#include "agent/base/async.h"
#include "agent/base/clock.h"
#include "agent/jobs/stop_request.h"
#include "agent/jobs/worker.h"
#include "agent/store/jobs.h"

namespace totpilot::jobs {

class Watch {
 public:
  Watch(const boost::asio::any_io_executor& executor, store::Store& store, Clock& clock, boost::asio::thread_pool& pool,
        store::JobFence fence, const WorkerSettings& settings, StopRequest& stop, StopRequest& stop_this);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Starts it; must be followed by stop() before it is destroyed.
  void start();
  task<void> stop();

  boost::asio::cancellation_slot slot() { return cancel_->slot(); }
  bool lease_lost() const { return lease_lost_; }
  /// Did it end the flow? Then what the flow says of its end may be an echo of that.
  bool cut_off() const { return flow_ended_; }

 private:
  task<void> loop();
  task<void> renew();
  /// Ends the flow if nothing was armed yet, or if it has had its time to finish.
  task<void> weigh_stop();
  void end_flow();
  void wish_to_stop(Urgency urgency);

  store::Store& store_;
  Clock& clock_;
  boost::asio::thread_pool& pool_;
  store::JobFence fence_;
  WorkerSettings settings_;
  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer timer_;
  ReplySlot<bool> ended_;
  std::shared_ptr<boost::asio::cancellation_signal> cancel_ = std::make_shared<boost::asio::cancellation_signal>();
  std::optional<Deadline> drain_;  // set once someone wants it to stop
  Deadline::Clock::time_point renewed_;
  bool finishing_ = false;
  bool lease_lost_ = false;
  bool flow_ended_ = false;
  StopRequest::Registration all_;
  StopRequest::Registration this_one_;
};

}  // namespace totpilot::jobs
