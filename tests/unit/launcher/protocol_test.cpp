#include "drivers/launcher/protocol.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

namespace totpilot::launcher {
namespace {

using namespace std::string_literals;

TEST(LauncherProtocol, CarriesARequestWhole) {
  Request request;
  request.program = "/usr/lib/chromium/chromium";
  request.arguments = {"--a=b=c", "", "--x"};
  request.environment = {"TZ=UTC"};
  request.hidden = {"/var/lib/totpilot", "/etc/totpilot/keys"};
  request.shown = {"/tmp/.X11-unix"};
  request.x_cookie = "/home/ann/.Xauthority";
  request.first_uid = 1234;
  request.uid_count = 7;
  request.temporary_bytes = 1;
  request.download_bytes = 2;

  const auto read = decode_request(encode(request));

  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(encode(*read), encode(request));
  EXPECT_EQ(read->arguments, request.arguments);
  EXPECT_EQ(read->x_cookie, request.x_cookie);
}

TEST(LauncherProtocol, RefusesRequestsThatAreNotWellFormed) {
  for (const std::string& packet :
       {""s, "program"s, "program=/a"s, "program=a\0"s, "program=/a\0unknown=1\0"s, "program=/a\0first_uid=0\0"s,
        "program=/a\0first_uid=-1\0"s, "program=/a\0uid_count=99999999\0"s, "program=/a\0uid_count=1x\0"s}) {
    EXPECT_FALSE(decode_request(packet)) << packet;
  }
}

TEST(LauncherProtocol, CarriesAReplyWhole) {
  const auto read =
      decode_reply(encode(Reply{.kind = Reply::Kind::kExited, .init = 77, .reason = "why = because", .hint = "do"}));

  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, Reply::Kind::kExited);
  EXPECT_EQ(read->init, 77);
  EXPECT_EQ(read->reason, "why = because");
  EXPECT_EQ(read->hint, "do");
}

TEST(LauncherProtocol, RefusesWhatWeakensTheSandboxOrOpensAPort) {
  for (const char* flag :
       {"--no-sandbox", "-no-sandbox", "--no-sandbox=1", "--disable-setuid-sandbox", "--disable-seccomp-filter-sandbox",
        "--single-process", "--no-zygote", "--remote-debugging-port=0", "-remote-debugging-port=9222",
        "--remote-debugging-address=0.0.0.0", "--renderer-cmd-prefix=sh"}) {
    EXPECT_NE(refusal({"--remote-debugging-pipe", flag}), "") << flag;
  }
}

TEST(LauncherProtocol, WantsTheDevToolsPipe) {
  EXPECT_NE(refusal({"--disable-gpu"}), "");
  EXPECT_EQ(refusal({"--disable-gpu", "--remote-debugging-pipe"}), "");
}

TEST(LauncherProtocol, PassesADescriptorBesideAPacket) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
  const UniqueFd left(ends[0]);
  UniqueFd right(ends[1]);

  ASSERT_TRUE(send_packet(left.get(), "hello", right.get()));
  right = UniqueFd(::dup(right.get()));
  const auto packet = receive_packet(right.get(), 0);

  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->bytes, "hello");
  EXPECT_TRUE(packet->fd);
}

TEST(LauncherProtocol, SeesTheOtherSideClose) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
  UniqueFd left(ends[0]);
  const UniqueFd right(ends[1]);
  left = UniqueFd();

  EXPECT_EQ(receive_packet(right.get(), 0)->bytes, "");
}

}  // namespace
}  // namespace totpilot::launcher
