// What the server does with clients that are slow, half-open, too large or not speaking HTTP.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "agent/api/server.h"
#include "agent/base/failure.h"
#include "agent/base/unique_fd.h"

namespace totpilot::api {
namespace {

/// A blocking client; what comes is read until the server closes or the piece looked for is there.
class Client {
 public:
  explicit Client(const std::filesystem::path& path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof(address.sun_path) - 1);
    connected_ = ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  bool connected() const { return connected_; }
  void send(std::string_view text) { ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL); }
  std::string receive_until(std::string_view wanted) {
    while (!got_.contains(wanted) && more()) {
    }
    return got_;
  }
  /// All there is until the server closes.
  std::string receive_all() {
    while (more()) {
    }
    return got_;
  }

 private:
  bool more() {
    std::array<char, 4096> block{};
    const ssize_t count = ::recv(socket_.get(), block.data(), block.size(), 0);
    if (count > 0) got_.append(block.data(), static_cast<std::size_t>(count));
    return count > 0;
  }
  UniqueFd socket_;
  bool connected_ = false;
  std::string got_;
};

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

class Serving : public testing::Test {
 protected:
  Serving() {
    std::string name = (std::filesystem::temp_directory_path() / "totpilot-api-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    root_ = name;
  }
  ~Serving() override {
    context_.stop();
    if (thread_.joinable()) thread_.join();
    server_.reset();
    std::filesystem::remove_all(root_);
  }

  void serve(Limits limits) {
    server_ = std::make_unique<Server>(context_, Listening{.socket = path()}, limits,
                                       [](Incoming incoming) { return echo(std::move(incoming)); });
    thread_ = std::thread([this] { context_.run(); });
  }
  std::filesystem::path path() const { return root_ / "s.sock"; }
  static Limits patient() { return {}; }

  static task<Reply> echo(Incoming incoming) {
    Reply reply;
    reply.body = std::move(incoming.body);
    reply.headers.emplace_back("X-Peer", incoming.peer.address);
    co_return reply;
  }

  std::filesystem::path root_;
  boost::asio::io_context context_{1};
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

TEST_F(Serving, AnswersAndKeepsTheConnection) {
  serve(patient());
  Client client(path());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none");
  EXPECT_TRUE(client.receive_until("one").starts_with("HTTP/1.1 200"));
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\ntwo");
  EXPECT_TRUE(client.receive_all().ends_with("two"));
}

TEST_F(Serving, KnowsThePeerOfASocketByItsUid) {
  serve(patient());
  Client client(path());
  client.send(kGet);
  EXPECT_TRUE(client.receive_until("\r\n\r\n").contains("X-Peer: uid " + std::to_string(::geteuid())));
}

TEST_F(Serving, TheSocketIsItsOwnersAlone) {
  serve(patient());
  struct stat info{};
  ASSERT_EQ(::stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(Serving, CutsWhoSendsNothing) {
  serve({.idle = std::chrono::milliseconds(30)});
  Client client(path());
  EXPECT_EQ(client.receive_all(), "");
}

TEST_F(Serving, CutsWhoseHeadersDoNotEndHoweverManyOfThemCome) {
  serve({.head = std::chrono::milliseconds(30)});
  Client client(path());
  client.send("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
  EXPECT_EQ(client.receive_all(), "");
}

TEST_F(Serving, CutsWhoseBodyDoesNotEnd) {
  serve({.body = std::chrono::milliseconds(30)});
  Client client(path());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_EQ(client.receive_all(), "");
}

TEST_F(Serving, RefusesHeadersThatAreTooLarge) {
  serve({.head_bytes = 2048});
  Client client(path());
  client.send("GET / HTTP/1.1\r\nX-Large: " + std::string(8000, 'a') + "\r\n\r\n");
  EXPECT_TRUE(client.receive_until("\r\n\r\n").starts_with("HTTP/1.1 431"));
}

TEST_F(Serving, RefusesABodyThatIsTooLarge) {
  serve({.body_bytes = 100});
  Client client(path());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n");
  EXPECT_TRUE(client.receive_until("\r\n\r\n").starts_with("HTTP/1.1 413"));
}

TEST_F(Serving, RefusesWhatIsNoHttp) {
  serve(patient());
  Client client(path());
  client.send("\x16\x03\x01 nothing of ours\r\n\r\n");
  EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 400"));
}

TEST_F(Serving, WhoWaitsLongestGivesWayToANewConnection) {
  serve({.connections = 2});
  Client first(path());
  Client second(path());
  second.send(kGet);
  second.receive_until("\r\n\r\n");
  Client third(path());
  third.send(kGet);
  EXPECT_TRUE(third.receive_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
  EXPECT_EQ(first.receive_all(), "");
}

TEST_F(Serving, AnswersWhileManyHalfOpenConnectionsCome) {
  serve({.connections = 32});
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(std::make_unique<Client>(path()));
    slow.back()->send("GET / HTTP/1.1\r\nX-");
  }
  Client client(path());
  client.send(kGet);
  EXPECT_TRUE(client.receive_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
}

Outcome outcome_of(const std::string& address) {
  boost::asio::io_context context;
  const auto socket = std::filesystem::temp_directory_path() / ("totpilot-api-" + std::to_string(::getpid()));
  try {
    const Server server(context, {.socket = socket, .address = address}, {}, {});
    return Outcome::kOk;
  } catch (const Failure& failure) {
    return failure.code();
  }
}

TEST(Listening, WantsTlsWhereOthersCanReachIt) {
  EXPECT_EQ(outcome_of("0.0.0.0:0"), Outcome::kInvalidInput);
  EXPECT_EQ(outcome_of("[::]:0"), Outcome::kInvalidInput);
  EXPECT_EQ(outcome_of("127.0.0.1:0"), Outcome::kOk);
}

TEST(Listening, RefusesWhatIsNoAddress) {
  for (const char* address : {"8443", "host:80", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000"})
    EXPECT_EQ(outcome_of(address), Outcome::kInvalidInput) << address;
}

}  // namespace
}  // namespace totpilot::api
