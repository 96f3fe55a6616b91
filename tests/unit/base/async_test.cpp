#include "agent/base/async.h"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <future>

namespace totpilot {
namespace {

TEST(RunOnPool, ACancellationMeanwhileEndsNothingButTheNextWait) {
  boost::asio::io_context context;
  boost::asio::thread_pool pool(1);
  boost::asio::cancellation_signal interrupt;
  std::promise<void> begun;
  std::promise<void> may_end;
  bool worked = false;
  bool ended = false;
  const auto work = [&]() -> task<void> {
    co_await run_on_pool(pool, [&, end = may_end.get_future().share()] {
      begun.set_value();
      end.wait();
      worked = true;
    });
  };
  boost::asio::co_spawn(
      context, work(),
      boost::asio::bind_cancellation_slot(interrupt.slot(), [&](const std::exception_ptr&) { ended = true; }));
  context.poll();
  begun.get_future().wait();

  interrupt.emit(boost::asio::cancellation_type::terminal);
  may_end.set_value();
  context.run();

  EXPECT_TRUE(worked);
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace totpilot
