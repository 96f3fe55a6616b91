#include "agent/services/plans.h"

#include <boost/asio/co_spawn.hpp>

#include "agent/base/log.h"
#include "agent/services/house.h"
#include "agent/services/schedules.h"

namespace totpilot::services {

Plans::Plans(const boost::asio::any_io_executor& executor, House& house)
    : executor_(executor),
      house_(house),
      scheduler_(executor, plan_parts(house)),
      campaigns_(executor, plan_parts(house),
                 [&house](JobId job) -> task<void> { co_await cancel_job(house, {job.str()}); }) {
  house_.desk().on_plans_changed([this] {
    scheduler_.wake();
    campaigns_.wake();
  });
}

Plans::~Plans() { house_.desk().on_plans_changed({}); }

task<void> Plans::run() {
  ReplySlot<bool> campaigns_over(executor_);
  boost::asio::co_spawn(executor_, campaigns_.run(), [&](const std::exception_ptr& error) {
    if (error) log::error("the campaigns ended by an unexpected error");
    campaigns_over.set(true);
  });
  co_await scheduler_.run();
  co_await campaigns_over.wait(Deadline::at(Deadline::Clock::time_point::max()), "the campaigns");
}

void Plans::stop() {
  scheduler_.stop();
  campaigns_.stop();
}

task<void> Plans::listen(EventHub& hub) {
  const auto ends = hub.subscribe({.types = {"job.ended"}});
  for (;;) {
    const auto batch = co_await ends->next(Deadline::at(Deadline::Clock::time_point::max()));
    if (batch.closed) co_return;
    campaigns_.wake();
  }
}

}  // namespace totpilot::services
