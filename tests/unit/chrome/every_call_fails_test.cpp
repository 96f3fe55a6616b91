// The session port over a scripted browser: whichever call fails, is never answered or ends the connection, the port
// ends in a failure with a code, or works without it; it never hangs and never crashes.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "drivers/chrome/chrome_session.h"
#include "tests/unit/cdp/scripted_peer.h"

namespace totpilot::chrome {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using tests::ScriptedPeer;

// Nothing here takes time but what never comes.
constexpr auto kPatience = 30s;
constexpr auto kPatienceWithWhatNeverComes = 100ms;

class ScriptedBrowser final : public Browser {
 public:
  ScriptedBrowser(boost::asio::io_context& context, boost::asio::thread_pool& pool, ScriptedPeer& peer)
      : connection_(context.get_executor(), pool, peer.transport()) {}
  cdp::Connection& connection() override { return connection_; }
  const std::string& user_agent() const override { return user_agent_; }
  DownloadPlace downloads() const override { return {.as_it_sees_it = "/tmp/downloads", .as_we_see_it = "/nowhere"}; }
  task<void> stop(Deadline) override {
    connection_.close("the browser was closed");
    co_return;
  }

 private:
  cdp::Connection connection_;
  std::string user_agent_ = "Scripted/1";
};

/// A browser with one origin visited, on no page now, so that an export needs a spare page.
struct Script {
  boost::asio::io_context context;
  boost::asio::thread_pool pool{1};
  ScriptedPeer peer{context.get_executor()};
  int pages = 0;

  Script() {
    peer.answer("Target.createTarget", [this](const auto&) {
      const std::string number = std::to_string(++pages);
      peer.event("Target.attachedToTarget",
                 {{"sessionId", "S" + number},
                  {"targetInfo", {{"targetId", "T" + number}, {"type", "page"}, {"browserContextId", "C"}}},
                  {"waitingForDebugger", true}});
      return json{{"targetId", "T" + number}};
    });
    peer.answer("Storage.getCookies", [](const auto&) {
      return json{{"cookies", {{{"name", "sid"}, {"value", "v"}, {"domain", "app.example"}, {"path", "/"}}}}};
    });
    peer.answer("Page.navigate", [](const auto&) { return json{{"frameId", "F"}, {"loaderId", "L"}}; });
    peer.answer("Runtime.evaluate", [](const auto&) {
      return json{{"result",
                   {{"type", "object"},
                    {"value",
                     {{"origin", "https://app.example"},
                      {"localStorage", {{{"name", "k"}, {"value", "v"}}}},
                      {"sessionStorage", json::array()},
                      {"indexedDB", json::array()}}}}}};
    });
  }

  task<std::string> export_once(Deadline::Clock::duration patience = kPatience) {
    const Deadline deadline = Deadline::after(patience);
    auto browser = std::make_unique<ScriptedBrowser>(context, pool, peer);
    // The event must come before the reply, as Chrome sends them; the script's reply is posted after it.
    auto page = co_await open_first_page(browser->session(), "C", "/tmp/downloads", deadline);
    peer.event("Runtime.executionContextCreated",
               {{"context",
                 {{"id", 1},
                  {"uniqueId", "U"},
                  {"origin", "https://app.example"},
                  {"name", ""},
                  {"auxData", {{"isDefault", true}, {"frameId", "F"}}}}}},
               "S1");
    peer.event("Runtime.executionContextsCleared", json::object(), "S1");
    ChromeSession session({.browser = std::move(browser),
                           .first_page = std::move(page),
                           .options = {.base_url = "https://app.example", .language = "de-DE"},
                           .clock = nullptr,
                           .when_over = {},
                           .deadline = deadline});
    co_await session.start(deadline);
    const Secret state = co_await session.export_state(deadline);
    co_return std::string(state.reveal());
  }
};

TEST(EveryCallFails, NotAtFirstAndThenTheExportIsWhole) {
  Script script;

  const json state = json::parse(run_to_end(script.context, script.export_once()));

  EXPECT_EQ(state["cookies"].size(), 1U);
  EXPECT_EQ(state["origins"][0]["origin"], "https://app.example");
}

class EveryCallFailsTest : public testing::TestWithParam<ScriptedPeer::Fault> {};

INSTANTIATE_TEST_SUITE_P(Faults, EveryCallFailsTest,
                         testing::Values(ScriptedPeer::Fault::kError, ScriptedPeer::Fault::kDrop,
                                         ScriptedPeer::Fault::kDisconnect),
                         [](const auto& tested) {
                           switch (tested.param) {
                             case ScriptedPeer::Fault::kError:
                               return "IsRefused";
                             case ScriptedPeer::Fault::kDrop:
                               return "IsNeverAnswered";
                             default:
                               return "EndsTheConnection";
                           }
                         });

TEST_P(EveryCallFailsTest, AndTheSessionEndsInAFailureOrDoesWithout) {
  std::size_t calls = 0;
  {
    Script whole;
    run_to_end(whole.context, whole.export_once());
    calls = whole.peer.calls().size();
  }
  ASSERT_GT(calls, 15U);
  std::size_t failures = 0;
  for (std::size_t n = 0; n < calls; ++n) {
    Script script;
    script.peer.fault(n, GetParam());
    try {
      const auto patience = GetParam() == ScriptedPeer::Fault::kDrop ? kPatienceWithWhatNeverComes : kPatience;
      const json state = json::parse(run_to_end(script.context, script.export_once(patience)));
      EXPECT_EQ(state["cookies"].size(), 1U) << "call " << n << " " << script.peer.calls().at(n).method;
    } catch (const Failure& failure) {
      ++failures;
      EXPECT_TRUE(failure.code() == Outcome::kBrowserLost || failure.code() == Outcome::kTimedOut ||
                  failure.code() == Outcome::kInvalidInput)
          << "call " << n << ": " << failure.message();
    }
  }
  EXPECT_GT(failures, 0U);
}

}  // namespace
}  // namespace totpilot::chrome
