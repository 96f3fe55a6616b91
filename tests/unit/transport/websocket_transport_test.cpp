#include "drivers/transport/websocket_transport.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <thread>

#include "drivers/transport/socket_owner.h"

namespace totpilot::transport {
namespace {

using namespace std::chrono_literals;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::asio::ip::tcp;

TEST(TcpTable, IsReadWithItsOwnersWhateverTheRowsLookLike) {
  const auto rows = read_tcp_table(
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:2406 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 1 "
      "0000000000000000 100 0\n"
      "   1: 0100007F:2406 0100007F:D431 01 00000000:00000000 00:00000000 00000000    33        0 1 1 0000000000000000 "
      "100 0\n"
      "   2: nonsense\n"
      "   3: 0000000000000000FFFF00000100007F:0050 00000000000000000000000001000000:0051 01 0:0 0:0 0 7 0 1\n");

  ASSERT_EQ(rows.size(), 3U);
  EXPECT_TRUE(rows[0].listening);
  EXPECT_EQ(rows[0].uid, 1000U);
  EXPECT_EQ(rows[0].local, tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 9222));
  EXPECT_EQ(rows[1].remote, tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0xD431));
  EXPECT_FALSE(rows[1].listening);
  EXPECT_EQ(rows[2].local.address(), boost::asio::ip::make_address("127.0.0.1"));
  EXPECT_EQ(rows[2].remote.address(), boost::asio::ip::make_address("::1"));
}

/// Plays the browser: tells where its websocket is, and answers each message with itself, until "bye".
class EchoBrowser {
 public:
  explicit EchoBrowser(tcp::acceptor& acceptor) : acceptor_(acceptor), thread_([this] { serve(); }) {}
  ~EchoBrowser() {
    boost::system::error_code ignored;
    // Wakes a server that nobody has visited.
    tcp::socket(own_).connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }

  std::size_t large = 0;  // when set: it says a message of so many bytes first
  std::string offered;    // what the client offered as extensions

 private:
  void serve() {
    while (true) {
      tcp::socket socket = acceptor_.accept(own_);
      beast::flat_buffer buffer;
      http::request<http::string_body> request;
      boost::system::error_code error;
      http::read(socket, buffer, request, error);
      if (error) return;
      if (request.target() == "/json/version") {
        http::response<http::string_body> response(http::status::ok, 11);
        response.body() = R"({"webSocketDebuggerUrl":"ws://127.0.0.1:1/devtools/browser/abc"})";
        response.prepare_payload();
        http::write(socket, response);
        continue;
      }
      offered = std::string(request[http::field::sec_websocket_extensions]);
      beast::websocket::stream<tcp::socket> stream(std::move(socket));
      stream.accept(request, error);
      if (error || request.target() != "/devtools/browser/abc") return;
      return echo(stream);
    }
  }

  void echo(beast::websocket::stream<tcp::socket>& stream) const {
    boost::system::error_code error;
    if (large != 0) stream.write(boost::asio::buffer(std::string(large, 'x')), error);
    while (!error) {
      beast::flat_buffer buffer;
      stream.read(buffer, error);
      const std::string text = beast::buffers_to_string(buffer.data());
      if (error || text == "bye") return;
      stream.write(boost::asio::buffer(text), error);
    }
  }

  tcp::acceptor& acceptor_;
  boost::asio::io_context own_;
  std::thread thread_;
};

struct WebsocketTransportTest : testing::Test {
  boost::asio::io_context context;
  tcp::acceptor acceptor{context, {boost::asio::ip::address_v4::loopback(), 0}};
  std::vector<std::string> messages;
  std::vector<std::string> ends;
  std::size_t stop_after = 0;

  std::string at(const std::string& scheme, const std::string& path) const {
    return scheme + "://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + path;
  }
  std::unique_ptr<Transport> connect(const std::string& url) {
    return run_to_end(context, connect_websocket(url, Deadline::after(20s)));
  }
  Failure failure_of(const std::string& url) {
    try {
      connect(url);
    } catch (const Failure& failure) {
      return failure;
    }
    return Failure(Outcome::kOk, "connected");
  }
  void listen(Transport& transport) {
    transport.start({.message =
                         [this](std::string text) {
                           messages.push_back(std::move(text));
                           if (messages.size() == stop_after) context.stop();
                         },
                     .closed =
                         [this](std::string reason) {
                           ends.push_back(std::move(reason));
                           context.stop();
                         }});
  }
  void run() {
    context.restart();
    context.run();
  }
};

TEST_F(WebsocketTransportTest, CarriesMessagesBothWaysInOrder) {
  const EchoBrowser browser(acceptor);
  const auto transport = connect(at("ws", "/devtools/browser/abc"));
  listen(*transport);
  stop_after = 3;

  transport->send("one", Sensitivity::kPlain);
  transport->send("two", Sensitivity::kSecret);
  transport->send(std::string(300000, 'x'), Sensitivity::kPlain);
  run();

  EXPECT_EQ(messages, (std::vector<std::string>{"one", "two", std::string(300000, 'x')}));
  EXPECT_EQ(browser.offered, "");
}

TEST_F(WebsocketTransportTest, AsksTheBrowserForItsWebsocketAndTakesOnlyThePathFromIt) {
  const EchoBrowser browser(acceptor);

  const auto transport = connect(at("http", ""));
  listen(*transport);
  stop_after = 1;
  transport->send("hello", Sensitivity::kPlain);
  run();

  EXPECT_EQ(messages, std::vector<std::string>{"hello"});
}

TEST_F(WebsocketTransportTest, EndsWhenTheBrowserGoesAway) {
  const EchoBrowser browser(acceptor);
  const auto transport = connect(at("ws", "/devtools/browser/abc"));
  listen(*transport);

  transport->send("bye", Sensitivity::kPlain);
  run();

  EXPECT_EQ(ends, std::vector<std::string>{"the browser closed its connection"});
}

TEST_F(WebsocketTransportTest, EndsAtAMessageBeyondTheLimit) {
  EchoBrowser browser(acceptor);
  browser.large = kMaxMessage + 1;
  const auto transport = connect(at("ws", "/devtools/browser/abc"));
  listen(*transport);

  run();

  EXPECT_EQ(ends, std::vector<std::string>{"the browser sent a message beyond the size limit"});
}

TEST_F(WebsocketTransportTest, SpeaksToNoOtherMachine) {
  for (const char* url : {"ws://192.0.2.1:9222/x", "ws://browser.example/x", "wss://127.0.0.1/x", "127.0.0.1:9222",
                          "ws://127.0.0.1.evil.example/"}) {
    EXPECT_EQ(failure_of(url).code(), Outcome::kInvalidInput) << url;
  }
}

TEST_F(WebsocketTransportTest, SpeaksToNoBrowserOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs to become another user";
  ASSERT_EQ(::seteuid(65534), 0);
  tcp::acceptor others(context, {boost::asio::ip::address_v4::loopback(), 0});
  ASSERT_EQ(::seteuid(0), 0);

  const auto failure = failure_of("ws://127.0.0.1:" + std::to_string(others.local_endpoint().port()) + "/x");

  EXPECT_EQ(failure.code(), Outcome::kOriginBlocked);
  EXPECT_EQ(failure.message(), "the browser at that address belongs to another user");
}

TEST_F(WebsocketTransportTest, SaysThatNobodyListens) {
  const std::string url = at("ws", "/x");
  acceptor.close();

  EXPECT_EQ(failure_of(url).message(), "nobody listens at the browser's address");
}

}  // namespace
}  // namespace totpilot::transport
