#include "agent/audit/log.h"

#include <boost/asio/co_spawn.hpp>

#include "tests/unit/audit/trail.h"
#include "tests/unit/store/faulty_disk.h"

namespace totpilot::audit {
namespace {

class SharedLog : public Trail {
 protected:
  /// So many callers at once; gives how many failed.
  int record(Log& log, int callers) {
    boost::asio::io_context context(1);
    int failed = 0;
    for (int i = 0; i < callers; ++i)
      boost::asio::co_spawn(context, log.record(entry(i)),
                            [&failed](const std::exception_ptr& error) { failed += error ? 1 : 0; });
    context.run();
    return failed;
  }
};

TEST_F(SharedLog, CallersThatComeTogetherShareACommit) {
  boost::asio::thread_pool pool(3);
  Log log(pool, chain_);
  EXPECT_EQ(record(log, 200), 0);
  pool.join();
  const Verdict now = verdict();
  EXPECT_TRUE(now.whole()) << first_break();
  EXPECT_EQ(now.records, 200);
  EXPECT_LT(log.commits(), 100U);
}

TEST_F(SharedLog, OneAloneDoesNotWaitForOthers) {
  boost::asio::thread_pool pool(3);
  Log log(pool, chain_);
  EXPECT_EQ(record(log, 1), 0);
  EXPECT_EQ(record(log, 1), 0);
  EXPECT_EQ(log.commits(), 2U);
  pool.join();
}

TEST(SharedLogOnAFullDisk, TellsEveryCallerThatTheirRecordIsNotThere) {
  store::FaultyDisk disk;
  store::Scratch scratch;
  const fakes::FakeClock clock{store::at(0)};
  const auto store = scratch.open();
  boost::asio::thread_pool pool(1);
  Log log(pool, std::make_shared<Chain>(*store, clock, ChainSettings{Secret(std::string("key")), ""}));
  disk.fail_write(0, "-wal", true);
  boost::asio::io_context context(1);
  int failed = 0;
  for (int i = 0; i < 20; ++i)
    boost::asio::co_spawn(context,
                          log.record({.who = "a", .act = "code.get", .account = {}, .object = {}, .outcome = "ok"}),
                          [&failed](const std::exception_ptr& error) { failed += error ? 1 : 0; });
  context.run();
  EXPECT_EQ(failed, 20);
  pool.join();
}

}  // namespace
}  // namespace totpilot::audit
