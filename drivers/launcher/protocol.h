#pragma once
// What totpilot and its helper totpilot-browser say to each other over one SOCK_SEQPACKET socket: one request with the
// DevTools socket beside it, then replies. Whoever closes the socket ends the browser. Plain C++ and system calls: the
// helper links nothing else.
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/unique_fd.h"

namespace totpilot::launcher {

inline constexpr int kControlFd = 3;  // of the helper; also where systemd puts an activated socket
inline constexpr std::size_t kMaxPacket = std::size_t{64} << 10;

/// Where things are inside the browser's own mount namespace.
inline constexpr const char* kHomeInside = "/tmp/home";
inline constexpr const char* kProfileInside = "/tmp/profile";
inline constexpr const char* kDownloadsInside = "/tmp/downloads";
inline constexpr const char* kXCookieInside = "/tmp/home/.Xauthority";

struct Request {
  std::string program;                   // absolute path of the browser
  std::vector<std::string> arguments;    // without the program's name
  std::vector<std::string> environment;  // "NAME=value", on top of what the helper sets
  std::vector<std::string>
      hidden;  // directories and files the browser must not see; those that do not exist are left out
  std::vector<std::string> shown;  // directories below /tmp that it must see nevertheless (an X server's socket)
  std::string x_cookie{};          // an X server's cookie file, copied to where the browser may read it
  uid_t first_uid = 59000;         // as root: the uids that browsers run as, one each
  unsigned uid_count = 256;
  std::uint64_t temporary_bytes = std::uint64_t{512} << 20;  // limit of its /tmp and of its /dev/shm
  std::uint64_t download_bytes = std::uint64_t{64} << 20;    // limit of its download directory
};

struct Reply {
  enum class Kind { kStarted, kFailed, kExited };
  Kind kind = Kind::kFailed;
  pid_t init = 0;        // kStarted: the namespace's init, as the helper's own namespace numbers it
  std::string reason{};  // kFailed, kExited: lower case, for a person
  std::string hint{};    // kFailed: what to do, where we know
};

std::string encode(const Request& request);
std::expected<Request, std::string> decode_request(std::string_view packet);
std::string encode(const Reply& reply);
std::expected<Reply, std::string> decode_reply(std::string_view packet);

/// What must never reach the browser, and what must: the sandbox stays on, and DevTools is the pipe and nothing else.
/// The reason why `arguments` are refused, or nothing.
std::string refusal(const std::vector<std::string>& arguments);

/// One packet with at most one descriptor. errno on failure.
bool send_packet(int socket, std::string_view bytes, int fd);
struct Packet {
  std::string bytes;  // empty: the other side has closed
  UniqueFd fd;
};
std::expected<Packet, int> receive_packet(int socket, int flags);

}  // namespace totpilot::launcher
