// What secrets leave in memory that is given back.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <future>

#include "agent/base/secret.h"
#include "drivers/cdp/connection.h"
#include "drivers/cdp/runtime.h"
#include "tests/unit/cdp/freed_memory.h"
#include "tests/unit/cdp/scripted_peer.h"

namespace totpilot::cdp {
namespace {

using nlohmann::json;
using tests::FreedMemory;

constexpr const char* kSecret = "hunter2-and-long-enough-for-memory-of-its-own";

/// Takes what is sent, wipes it as a transport has to, and says nothing.
struct Silent final : transport::Transport {
  explicit Silent(transport::Events& kept) : events(kept) {}
  void start(transport::Events given) override { events = std::move(given); }
  void send(std::string message, Sensitivity) override { wipe(message); }
  void pause() override {}
  void resume() override {}
  void close() override {}
  transport::Events& events;
};

struct Wiping : testing::Test {
  boost::asio::io_context context;
  boost::asio::thread_pool pool{1};
  transport::Events events;
  Connection connection{context.get_executor(), pool, std::make_unique<Silent>(events)};
  std::shared_ptr<Session> session = connection.browser();

  static Deadline soon() { return Deadline::after(std::chrono::seconds(10)); }
};

TEST_F(Wiping, TheHelperOfThisTestSeesWhatIsLeft) {
  const FreedMemory freed(kSecret);

  {
    const std::string left = kSecret;
  }

  EXPECT_EQ(freed.holding(), 1U);
}

TEST_F(Wiping, TheParametersOfASecretCallAreGone) {
  json params = {{"value", kSecret}};
  const FreedMemory freed(kSecret);

  {
    const auto call = session->call("A.a", std::move(params), soon(), Sensitivity::kSecret);
  }

  EXPECT_EQ(freed.holding(), 0U);
}

TEST_F(Wiping, TheParametersOfASecretCallOfAnEndedSessionAreGone) {
  connection.close("over");
  json params = {{"value", kSecret}};
  const FreedMemory freed(kSecret);

  {
    const auto call = session->call("A.a", std::move(params), soon(), Sensitivity::kSecret);
  }

  EXPECT_EQ(freed.holding(), 0U);
}

TEST_F(Wiping, TheArgumentsOfASecretFunctionInADocumentAreGone) {
  runtime::Function function{
      .declaration = "(state) => {}", .arguments = json::array(), .sensitivity = Sensitivity::kSecret};
  function.arguments.push_back({{"cookies", {{{"value", kSecret}}}}});
  const FreedMemory freed(kSecret);

  {
    const auto call = runtime::call_in_document(*session, std::move(function), soon());
  }

  EXPECT_EQ(freed.holding(), 0U);
}

TEST_F(Wiping, AnswersThatWaitBehindALargeMessageAreGoneWhenTheConnectionCloses) {
  std::promise<void> parser_free;
  boost::asio::post(pool, [busy = parser_free.get_future().share()] { busy.wait(); });
  events.message(R"({"method":"E.e","params":")" + std::string(kLargeMessage, 'x') + "\"}");
  std::string answer = R"({"id":1,"result":{"value":")" + std::string(kSecret) + "\"}}";
  const FreedMemory freed(kSecret);

  events.message(std::move(answer));
  connection.close("over");

  EXPECT_EQ(freed.holding(), 0U);
  parser_free.set_value();
}

}  // namespace
}  // namespace totpilot::cdp
