#include "agent/daemon/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "agent/base/unique_fd.h"

namespace totpilot::daemon {
namespace {

std::optional<long long> number_of(const char* name) {
  const char* text = std::getenv(name);
  long long number = 0;
  if (text == nullptr) return std::nullopt;
  const auto read = std::from_chars(text, text + std::strlen(text), number);
  return read.ec == std::errc() ? std::optional(number) : std::nullopt;
}

}  // namespace

void notify(std::string_view state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path == nullptr || *path == '\0' || std::strlen(path) >= sizeof(address.sun_path)) return;
  const std::size_t length = std::strlen(path);
  std::copy_n(path, length, address.sun_path);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // the abstract namespace
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  // Whoever does not listen is told nothing.
  static_cast<void>(::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), size));
}

std::optional<std::chrono::microseconds> watchdog_interval() {
  const auto pid = number_of("WATCHDOG_PID");
  if (pid && *pid != ::getpid()) return std::nullopt;
  const auto interval = number_of("WATCHDOG_USEC");
  if (!interval || *interval <= 0) return std::nullopt;
  return std::chrono::microseconds(*interval);
}

}  // namespace totpilot::daemon
