#include "drivers/chrome/browser_process.h"

#include <gtest/gtest.h>

#include "tests/unit/chrome/chrome_for_tests.h"

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

}  // namespace
}  // namespace totpilot::chrome
