#include "drivers/chrome/browser_process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "tests/unit/chrome/chrome_for_tests.h"
#include "tests/unit/chrome/virtual_display.h"
#include "tests/unit/launcher/process_list.h"

namespace totpilot::chrome {
namespace {

using namespace std::chrono_literals;
using tests::ChromeForTests;

TEST(BrowserProcess, AnswersAndIsARealChrome) {
  ChromeForTests chrome;

  EXPECT_NE(chrome.browser().user_agent().find("Chrome/"), std::string::npos);
}

TEST(BrowserProcess, OpensAPageThatStandsStillUntilItIsLetRun) {
  ChromeForTests chrome;

  const auto page = chrome.page();
  auto evaluated =
      page->call("Runtime.evaluate", {{"expression", "innerWidth + 'x' + innerHeight"}}, ChromeForTests::soon());
  page->post("Runtime.runIfWaitingForDebugger", {});

  EXPECT_EQ(chrome.run(std::move(evaluated))["result"]["value"], "1280x900");
}

TEST(BrowserProcess, ShowsItsWindowOnADisplayWhoseCookieIsForOurEyesOnly) {
  const tests::VirtualDisplay display;
  ChromeForTests chrome({.program = {.display = Display::kHeaded}});

  const auto page = chrome.page();
  auto evaluated = page->call("Runtime.evaluate", {{"expression", "document.visibilityState"}}, ChromeForTests::soon());
  page->post("Runtime.runIfWaitingForDebugger", {});

  EXPECT_EQ(chrome.run(std::move(evaluated))["result"]["value"], "visible");
}

TEST(BrowserProcess, IsKilledWhenItHangs) {
  ChromeForTests chrome({.hang_after = 3s});  // a busy machine keeps a sound one waiting too
  const auto page = chrome.page();
  const pid_t init = chrome.browser().init();
  const tests::Watched processes(tests::family_of(init));
  auto pending = page->call("Runtime.evaluate", {{"expression", "1"}}, ChromeForTests::soon());
  for (const pid_t pid : tests::family_of(init)) {
    if (pid != init) ::kill(pid, SIGSTOP);
  }

  try {
    chrome.run(std::move(pending));
    FAIL() << "a stopped browser answered";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Outcome::kBrowserLost);
    EXPECT_EQ(failure.message(), "the browser stopped answering");
  }
  EXPECT_TRUE(processes.all_end_within(10s));
}

TEST(BrowserProcess, SaysHowABrowserEndedThatCannotStart) {
  boost::asio::io_context context;
  boost::asio::thread_pool pool(1);
  BrowserProcess browser(context.get_executor(), pool, {.program = {.path = "/bin/false"}});

  try {
    run_to_end(context, browser.ready(ChromeForTests::soon()));
    FAIL() << "ready";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.message(), "the browser exited with status 1 before it answered");
  }
}

TEST(BrowserProcess, MayBeDestroyedWhileSomebodyWaitsForIt) {
  boost::asio::io_context context;
  boost::asio::thread_pool pool(1);
  auto browser = std::make_unique<BrowserProcess>(context.get_executor(), pool, BrowserSettings{});
  boost::asio::post(context, [&] { browser.reset(); });

  EXPECT_THROW(run_to_end(context, browser->ready(Deadline::after(2s))), Failure);
}

}  // namespace
}  // namespace totpilot::chrome
