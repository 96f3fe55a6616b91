#include "agent/base/clock.h"

#include <gtest/gtest.h>

#include "agent/base/id.h"

namespace totpilot {
namespace {

TEST(Clock, PrintsIso8601) { EXPECT_EQ(to_iso(from_millis(1234567890123)), "2009-02-13T23:31:30.123Z"); }

TEST(Id, SortsByItsTime) {
  EXPECT_LT(AccountId::make(from_millis(1000)), AccountId::make(from_millis(2000)));
  EXPECT_TRUE(AccountId::looks_right(AccountId::make(from_millis(1)).str()));
  EXPECT_FALSE(AccountId::looks_right(JobId::make(from_millis(1)).str()));
}

TEST(ReplySlot, GivesTheFirstValueAndTimesOutWithoutOne) {
  boost::asio::io_context context;
  ReplySlot<int> filled(context.get_executor());
  filled.set(7);
  filled.set(8);
  EXPECT_EQ(run_to_end(context, filled.wait(Deadline::after(std::chrono::seconds(1)), "x")), 7);
  ReplySlot<int> empty(context.get_executor());
  try {
    run_to_end(context, empty.wait(Deadline::after(std::chrono::milliseconds(1)), "the reply"));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Outcome::kTimedOut);
  }
}

TEST(RunBlocking, BringsResultsAndFailuresBack) {
  boost::asio::io_context context;
  boost::asio::thread_pool pool(1);
  EXPECT_EQ(run_to_end(context, run_blocking(pool, [] { return 3; })), 3);
  EXPECT_THROW(run_to_end(context, run_blocking(pool, []() -> int { throw Failure(Outcome::kBusy, "held"); })),
               Failure);
}

}  // namespace
}  // namespace totpilot
