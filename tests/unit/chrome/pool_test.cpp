#include "drivers/chrome/pool.h"

#include <signal.h>

#include "tests/unit/chrome/session_fixture.h"
#include "tests/unit/launcher/process_list.h"

namespace totpilot::chrome {
namespace {

using namespace std::chrono_literals;

using PoolTest = tests::SessionTest;

/// Children of ours that are browser helpers. Only a helper's parent is this process, so what one has started does not
/// count.
std::size_t helpers() {
  std::size_t count = 0;
  for (const pid_t pid : tests::family_of(::getpid())) {
    const bool ours = tests::status_of(pid, "PPid") == std::to_string(::getpid());
    count += ours && tests::status_of(pid, "State").front() != 'Z' ? 1 : 0;
  }
  return count;
}

TEST_F(PoolTest, LeasesABrowserProcessOfItsOwnToEachSession) {
  const auto first = lease();
  const auto second = lease();

  EXPECT_NE(process(first).init(), process(second).init());
}

TEST_F(PoolTest, LeavesNothingOfTheBrowserWhenTheSessionIsDestroyed) {
  auto session = lease();
  const tests::Watched processes(tests::family_of(process(session).init()));
  ASSERT_GE(processes.size(), 4U);

  session.reset();

  EXPECT_TRUE(processes.all_end_within(0ms));
}

TEST_F(PoolTest, UsesTheBrowserThatWasWarmedUp) {
  port->warm_up();
  port->warm_up();
  EXPECT_EQ(helpers(), 1U) << "one, at once";

  const auto session = lease();

  pid_t helper = std::stoi(tests::status_of(process(session).init(), "PPid"));
  EXPECT_EQ(tests::status_of(helper, "PPid"), std::to_string(::getpid()));
}

TEST_F(PoolTest, SaysWhenABrowserStandsReady) {
  run(port->stand_by(Deadline::after(30s)));
  EXPECT_EQ(helpers(), 1U);

  run(port->stand_by(Deadline::after(30s)));
  const auto session = lease();

  EXPECT_EQ(helpers(), 1U) << "the one that stood ready was leased";
}

TEST_F(PoolTest, ReplacesAWarmBrowserThatDied) {
  port->warm_up();
  const auto first = lease();
  port->warm_up();
  run(pause_until(Deadline::Clock::now()));
  for (const pid_t pid : tests::family_of(::getpid())) {
    if (tests::status_of(pid, "Name") == "totpilot-browse" &&
        pid != std::stoi(tests::status_of(process(first).init(), "PPid"))) {
      ::kill(pid, SIGKILL);
    }
  }

  Session second;
  // The death of the warm one may not have been heard of yet; then the lease says so, and the next one works.
  try {
    second = lease();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Outcome::kBrowserLost);
    second = lease();
  }
  EXPECT_NE(process(second).init(), process(first).init());
}

TEST_F(PoolTest, MakesTheNextInLineWaitForAFreePlace) {
  port = make_port({.most_at_once = 1});
  auto first = lease();
  EXPECT_EQ(outcome_of(port->lease({.base_url = site.origin()}, Deadline::after(20ms))), Outcome::kBusy);

  Session second;
  boost::asio::co_spawn(context, port->lease({.base_url = site.origin()}, soon()),
                        [&](const std::exception_ptr& error, Session session) {
                          EXPECT_FALSE(error);
                          second = std::move(session);
                          context.stop();
                        });
  boost::asio::post(context, [&] { first.reset(); });
  context.restart();
  context.run();

  EXPECT_TRUE(second);
}

TEST_F(PoolTest, RefillsWhenNobodyWaits) {
  port = make_port({.warm = Warm::kAlways, .most_at_once = 2});
  const auto first = lease();

  EXPECT_EQ(helpers(), 2U);
}

TEST_F(PoolTest, GivesWebGlOnlyToWhoeverNeedsIt) {
  site.page("/", "<title>home</title>");
  const std::string drawn = "document.createElement('canvas').getContext('webgl') !== null";
  port->warm_up();

  const auto without = lease();
  open(without, site.origin() + "/");
  EXPECT_EQ(eval(without, drawn), false);

  port->warm_up();
  const auto with = lease({.graphics = browser::Graphics::k3d});
  open(with, site.origin() + "/");
  EXPECT_EQ(eval(with, drawn), true);
}

TEST_F(PoolTest, SaysWhyThereIsNoBrowser) {
  port = make_port({.browser = {.program = {.path = "/usr/lib/chromium/no-such-browser"}}});
  port->warm_up();

  try {
    lease();
    FAIL() << "leased";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Outcome::kBrowserLost);
    EXPECT_EQ(failure.message(), "there is no browser at /usr/lib/chromium/no-such-browser: No such file or directory");
  }
}

TEST_F(PoolTest, SessionsOutliveThePort) {
  auto session = lease();
  port.reset();
  site.page("/", "<title>home</title>");

  open(session, site.origin() + "/");

  EXPECT_EQ(eval(session, "document.title"), "home");
}

}  // namespace
}  // namespace totpilot::chrome
