#include "drivers/transport/pipe_transport.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/io_context.hpp>

#include "drivers/transport/frame_splitter.h"

namespace totpilot::transport {
namespace {

using namespace std::string_literals;

TEST(FrameSplitter, CutsAtEachNulWhereverTheReadsFall) {
  const std::string stream = "one\0\0three\0four"s;
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    std::vector<std::string> got;
    FrameSplitter splitter(100);
    for (std::size_t at = 0; at < stream.size(); at += step) {
      splitter.feed(std::string_view(stream).substr(at, step),
                    [&](std::string message) { got.push_back(std::move(message)); });
    }
    EXPECT_EQ(got, (std::vector<std::string>{"one", "", "three"})) << "reads of " << step;
  }
}

TEST(FrameSplitter, RefusesAMessageBeyondTheLimitBeforeItIsWhole) {
  FrameSplitter splitter(4);
  const auto drop = [](const std::string&) {};

  EXPECT_EQ(splitter.feed("1234"s + '\0', drop), FrameSplitter::Verdict::kFine);
  EXPECT_EQ(splitter.feed("123", drop), FrameSplitter::Verdict::kFine);
  EXPECT_EQ(splitter.feed("45", drop), FrameSplitter::Verdict::kTooLarge);
}

struct PipeTransport : testing::Test {
  boost::asio::io_context context;
  UniqueFd far;
  std::unique_ptr<Transport> transport;
  std::vector<std::string> messages;
  std::vector<std::string> ends;
  bool close_at_first_message = false;
  bool pause_at_first_message = false;

  PipeTransport() { open(kMaxMessage, SOCK_STREAM); }

  void open(std::size_t limit, int type) {
    std::array<int, 2> pair{};
    ASSERT_EQ(::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair.data()), 0);
    far = UniqueFd(pair[1]);
    transport = make_pipe_transport(context.get_executor(), UniqueFd(pair[0]), limit);
    transport->start({.message =
                          [this](std::string text) {
                            messages.push_back(std::move(text));
                            if (close_at_first_message) transport->close();
                            if (pause_at_first_message) transport->pause();
                          },
                      .closed = [this](std::string reason) { ends.push_back(std::move(reason)); }});
  }
  void settle() {
    context.restart();
    context.poll();
  }
  std::string read_far() {
    std::string buffer(4096, '\0');
    const ssize_t size = ::recv(far.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    buffer.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return buffer;
  }
  void write_far(const std::string& bytes) {
    ASSERT_EQ(::send(far.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
};

TEST_F(PipeTransport, SendsWhatOneTurnSaysInOneWriteAndInOrder) {
  transport.reset();
  open(kMaxMessage, SOCK_SEQPACKET);  // keeps the borders of writes

  transport->send("a", Sensitivity::kPlain);
  transport->send("b", Sensitivity::kSecret);
  settle();
  transport->send("c", Sensitivity::kPlain);
  settle();

  EXPECT_EQ(read_far(), "a\0b\0"s);
  EXPECT_EQ(read_far(), "c\0"s);
}

TEST_F(PipeTransport, DeliversWhatTheBrowserSays) {
  write_far("{\"id\":1}\0{\"id\":2}\0{"s);
  settle();

  EXPECT_EQ(messages, (std::vector<std::string>{"{\"id\":1}", "{\"id\":2}"}));
}

TEST_F(PipeTransport, EndsOnceWhenTheBrowserGoesAway) {
  transport->send("a", Sensitivity::kPlain);
  far = UniqueFd();
  settle();
  settle();

  EXPECT_EQ(ends, std::vector<std::string>{"the browser closed its pipe"});
}

TEST_F(PipeTransport, EndsWhenAMessageIsTooLarge) {
  transport.reset();
  open(8, SOCK_STREAM);

  write_far("123456789"s);
  settle();

  EXPECT_EQ(ends, std::vector<std::string>{"the browser sent a message beyond the size limit"});
}

TEST_F(PipeTransport, SaysNothingMoreAfterItWasClosedByAMessageHandler) {
  close_at_first_message = true;
  write_far("a\0b\0"s);
  settle();

  EXPECT_EQ(messages, std::vector<std::string>{"a"});
  EXPECT_TRUE(ends.empty());
}

TEST_F(PipeTransport, ReadsNoFurtherWhilePausedAndLosesNothing) {
  pause_at_first_message = true;
  write_far("a\0"s);
  settle();
  write_far("b\0c\0"s);
  settle();
  EXPECT_EQ(messages, std::vector<std::string>{"a"});

  pause_at_first_message = false;
  transport->resume();
  settle();

  EXPECT_EQ(messages, (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(PipeTransport, DropsWhatIsSentAfterItsEnd) {
  transport->close();
  transport->send("a", Sensitivity::kSecret);
  settle();

  EXPECT_EQ(read_far(), "");
}

TEST_F(PipeTransport, SendsMoreThanTheSocketHoldsAtOnce) {
  const std::string large(std::size_t{3} << 20, 'x');
  transport->send(large, Sensitivity::kSecret);
  transport->send("end", Sensitivity::kPlain);
  std::string got;
  while (got.size() < large.size() + 5) {
    settle();
    const std::string part = read_far();
    got += part;
  }

  EXPECT_EQ(got, large + "\0end\0"s);
}

TEST_F(PipeTransport, MayBeDestroyedWithWritesUnderWay) {
  transport->send(std::string(std::size_t{3} << 20, 'x'), Sensitivity::kSecret);
  settle();
  transport.reset();
  settle();
  EXPECT_TRUE(ends.empty());
}

}  // namespace
}  // namespace totpilot::transport
