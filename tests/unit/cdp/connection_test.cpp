#include "drivers/cdp/connection.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <future>

#include "tests/unit/cdp/scripted_peer.h"

namespace totpilot::cdp {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using tests::ScriptedPeer;

Deadline soon() { return Deadline::after(10s); }

struct ConnectionTest : testing::Test {
  boost::asio::io_context context;
  boost::asio::thread_pool pool{1};
  ScriptedPeer peer{context.get_executor()};
  std::unique_ptr<Connection> connection = std::make_unique<Connection>(context.get_executor(), pool, peer.transport());

  template <class T>
  T run(task<T> work) {
    return run_to_end(context, std::move(work));
  }
  /// Lets everything happen that can happen by itself.
  void settle() {
    context.restart();
    context.poll();
  }
  std::shared_ptr<Session> attach(const std::string& id, const std::string& parent = {}) {
    peer.attach(id, "target-" + id, parent);
    settle();
    return connection->session(id);
  }
  /// What the call ends with: the outcome, or kOk.
  Outcome outcome_of(task<json> call) {
    try {
      run(std::move(call));
      return Outcome::kOk;
    } catch (const Failure& failure) {
      return failure.code();
    }
  }
};

TEST_F(ConnectionTest, GivesTheResultOfACall) {
  peer.answer("Browser.getVersion", [](const auto&) { return json{{"product", "Scripted/1"}}; });

  const auto result = run(connection->browser()->call("Browser.getVersion", {}, soon()));

  EXPECT_EQ(result["product"], "Scripted/1");
}

TEST_F(ConnectionTest, SendsBeforeTheTaskIsAwaitedAndSeveralCallsInOneTurn) {
  const auto session = attach("S");

  auto first = session->call("A.a", {{"x", 1}}, soon());
  auto second = session->call("B.b", {}, soon());
  session->post("C.c", {});

  ASSERT_EQ(peer.calls().size(), 3U);
  EXPECT_EQ(peer.turns(), std::vector<std::size_t>{3});
  EXPECT_EQ(peer.calls()[0].session, "S");
  EXPECT_EQ(peer.calls()[0].params, (json{{"x", 1}}));
  run(std::move(second));
  run(std::move(first));
}

TEST_F(ConnectionTest, MatchesRepliesThatComeInAnotherOrder) {
  peer.answer("A", [](const auto&) { return json{{"is", "a"}}; });
  peer.answer("B", [](const auto&) { return json{{"is", "b"}}; });
  peer.fault(0, ScriptedPeer::Fault::kHold);
  auto a = connection->browser()->call("A", {}, soon());
  auto b = connection->browser()->call("B", {}, soon());

  EXPECT_EQ(run(std::move(b))["is"], "b");
  peer.release();
  EXPECT_EQ(run(std::move(a))["is"], "a");
}

TEST_F(ConnectionTest, TurnsAnErrorAnswerIntoAProtocolErrorWhoseWhatQuotesNothing) {
  peer.fault(0, ScriptedPeer::Fault::kError);

  try {
    run(connection->browser()->call("A.a", {}, soon()));
    FAIL() << "no error";
  } catch (const ProtocolError& error) {
    EXPECT_EQ(error.method(), "A.a");
    EXPECT_EQ(error.error_code(), -32000);
    EXPECT_EQ(error.text(), "scripted");
    EXPECT_STREQ(error.what(), "the browser refused a protocol call");
  }
}

TEST_F(ConnectionTest, KnowsTheErrorsOfThingsThatHaveVanished) {
  EXPECT_TRUE(ProtocolError("m", -32000, "Cannot find context with specified id").gone());
  EXPECT_TRUE(ProtocolError("m", -32000, "Execution context was destroyed.").gone());
  EXPECT_FALSE(ProtocolError("m", -32602, "Invalid parameters").gone());
}

TEST_F(ConnectionTest, EndsACallThatIsNeverAnsweredAtItsDeadline) {
  peer.fault(0, ScriptedPeer::Fault::kDrop);

  EXPECT_EQ(outcome_of(connection->browser()->call("A.a", {}, Deadline::after(20ms))), Outcome::kTimedOut);
}

TEST_F(ConnectionTest, IgnoresAnAnswerThatComesAfterTheDeadline) {
  peer.fault(0, ScriptedPeer::Fault::kHold);
  EXPECT_EQ(outcome_of(connection->browser()->call("A.a", {}, Deadline::after(5ms))), Outcome::kTimedOut);

  peer.release();
  settle();

  EXPECT_EQ(outcome_of(connection->browser()->call("B.b", {}, soon())), Outcome::kOk);
}

TEST_F(ConnectionTest, FailsEveryPendingCallOfASessionThatIsDetached) {
  const auto session = attach("S");
  peer.fault(0, ScriptedPeer::Fault::kDrop);
  auto pending = session->call("A.a", {}, soon());

  peer.event("Target.detachedFromTarget", {{"sessionId", "S"}});

  EXPECT_EQ(outcome_of(std::move(pending)), Outcome::kBrowserLost);
  EXPECT_TRUE(session->ended());
  EXPECT_EQ(connection->session("S"), nullptr);
}

TEST_F(ConnectionTest, FailsEveryPendingCallOfASessionWhoseRendererCrashed) {
  const auto session = attach("S");
  peer.fault(0, ScriptedPeer::Fault::kDrop);
  auto pending = session->call("A.a", {}, soon());

  peer.event("Inspector.targetCrashed", json::object(), "S");

  EXPECT_EQ(outcome_of(std::move(pending)), Outcome::kBrowserLost);
}

TEST_F(ConnectionTest, EndsTheFramesBelowAPageThatEnds) {
  attach("S");
  const auto frame = attach("F", "S");
  const auto inner = attach("G", "F");
  const auto other = attach("T");

  peer.event("Target.detachedFromTarget", {{"sessionId", "S"}});
  settle();

  EXPECT_TRUE(frame->ended());
  EXPECT_TRUE(inner->ended());
  EXPECT_FALSE(other->ended());
}

TEST_F(ConnectionTest, FailsEverythingWhenTheBrowserHangsUp) {
  const auto session = attach("S");
  std::vector<std::string> heard;
  const auto on_page = session->on_end([&](const std::string& reason) { heard.push_back("page: " + reason); });
  const auto on_browser =
      connection->browser()->on_end([&](const std::string& reason) { heard.push_back("browser: " + reason); });
  peer.fault(0, ScriptedPeer::Fault::kDisconnect);

  EXPECT_EQ(outcome_of(session->call("A.a", {}, soon())), Outcome::kBrowserLost);

  EXPECT_EQ(heard,
            (std::vector<std::string>{"page: the scripted browser hung up", "browser: the scripted browser hung up"}));
  EXPECT_TRUE(connection->closed());
}

TEST_F(ConnectionTest, RefusesCallsOfASessionThatHasEnded) {
  const auto session = attach("S");
  connection.reset();

  EXPECT_EQ(outcome_of(session->call("A.a", {}, soon())), Outcome::kBrowserLost);
  EXPECT_TRUE(peer.calls().empty());
}

TEST_F(ConnectionTest, GivesEachEventToItsOwnSessionInOrder) {
  const auto session = attach("S");
  const auto other = attach("T");
  std::vector<int> seen;
  const auto subscription = session->on("E.e", [&](const json& params) { seen.push_back(params["n"]); });

  for (int n = 0; n < 5; ++n) peer.event("E.e", {{"n", n}}, n == 3 ? "T" : "S");
  settle();

  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2, 4}));
}

TEST_F(ConnectionTest, KeepsTheOrderWhenALargeMessageIsParsedInThePool) {
  std::vector<std::size_t> seen;
  const auto subscription = connection->browser()->on("E.e", [&](const json& params) {
    seen.push_back(params["text"].get<std::string>().size());
    if (seen.size() == 3) context.stop();
  });

  peer.event("E.e", {{"text", "1"}});
  peer.event("E.e", {{"text", std::string(kLargeMessage, 'x')}});
  peer.event("E.e", {{"text", "333"}});
  context.restart();
  const auto work = boost::asio::make_work_guard(context);
  context.run();

  EXPECT_EQ(seen, (std::vector<std::size_t>{1, kLargeMessage, 3}));
}

TEST_F(ConnectionTest, ReadsNoFurtherWhileMoreThanItsLimitWaitsToBeParsed) {
  boost::asio::thread_pool one(1);
  std::promise<void> parser_free;
  boost::asio::post(one, [busy = parser_free.get_future().share()] { busy.wait(); });
  ScriptedPeer flood(context.get_executor());
  Connection limited(context.get_executor(), one, flood.transport(), 2 * kLargeMessage);
  int seen = 0;
  const auto subscription = limited.browser()->on("E.e", [&](const json&) {
    if (++seen == 3) context.stop();
  });
  const auto write = [&] { flood.event("E.e", {{"text", std::string(kLargeMessage, 'x')}}); };

  write();
  settle();
  EXPECT_FALSE(flood.paused());
  write();
  write();
  settle();
  EXPECT_TRUE(flood.paused());

  parser_free.set_value();
  context.restart();
  const auto work = boost::asio::make_work_guard(context);
  context.run();
  settle();
  EXPECT_FALSE(flood.paused());
}

TEST_F(ConnectionTest, LeavesUnreadWhatAPageWritesToItsConsole) {
  peer.raw(R"({"method":"Runtime.consoleAPICalled","params":{"args":[hunter2)");
  settle();

  EXPECT_EQ(outcome_of(connection->browser()->call("A.a", {}, soon())), Outcome::kOk);
}

TEST_F(ConnectionTest, StopsCallingAHandlerOnceItsSubscriptionDiesEvenWithinTheSameEvent) {
  int second_called = 0;
  Subscription second;
  const auto first = connection->browser()->on("E.e", [&](const json&) { second = {}; });
  second = connection->browser()->on("E.e", [&](const json&) { ++second_called; });

  peer.event("E.e", json::object());
  settle();

  EXPECT_EQ(second_called, 0);
}

TEST_F(ConnectionTest, SurvivesASubscriptionThatOutlivesTheConnection) {
  auto subscription = std::make_unique<Subscription>(connection->browser()->on("E.e", [](const json&) {}));
  connection.reset();

  subscription.reset();
}

TEST_F(ConnectionTest, EndsWhenAMessageIsNotJson) {
  std::string reason;
  const auto subscription = connection->browser()->on_end([&](std::string why) { reason = std::move(why); });

  peer.raw("{\"method\": hunter2");
  settle();

  EXPECT_EQ(reason, "the browser sent a message that cannot be read");
}

TEST_F(ConnectionTest, IgnoresMessagesOfAShapeItDoesNotKnow) {
  for (const char* text :
       {"[]", "5", "{}", R"({"id":"x"})", R"({"id":99,"result":{}})", R"({"method":5})",
        R"({"method":"E","params":[]})", R"({"method":"Target.attachedToTarget","params":{"sessionId":7}})",
        R"({"id":-1,"error":"x"})"}) {
    peer.raw(text);
  }
  settle();

  EXPECT_EQ(outcome_of(connection->browser()->call("A.a", {}, soon())), Outcome::kOk);
}

TEST_F(ConnectionTest, MarksASecretCallForItsTransport) {
  run(connection->browser()->call("A.a", {{"value", "hunter2"}}, soon(), Sensitivity::kSecret));

  EXPECT_EQ(peer.calls().at(0).sensitivity, Sensitivity::kSecret);
}

TEST_F(ConnectionTest, ReplacesBrokenUtf8InParametersInsteadOfFailing) {
  EXPECT_EQ(outcome_of(connection->browser()->call("A.a", {{"text", "\xff"}}, soon())), Outcome::kOk);
}

}  // namespace
}  // namespace totpilot::cdp
