#include "agent/store/state_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "agent/base/failure.h"
#include "agent/base/file.h"

namespace totpilot::store {
namespace {

constexpr std::size_t kLongestNote = 300;
// The kernel tells of a close just before it drops the lock, so a look right after the news may come too early.
constexpr std::chrono::milliseconds kSecondLook{50};

[[noreturn]] void fail(const std::filesystem::path& file, std::string_view what) {
  throw Failure(Outcome::kStorageFailed, fmt::format("{}: {} ({})", file.string(), what, std::strerror(errno)));
}

bool try_lock(int fd, const std::filesystem::path& file) {
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno != EWOULDBLOCK && errno != EINTR) fail(file, "cannot be locked");
  return false;
}

/// Returns when the lock file was closed by somebody, or after a while.
void wait_for_news(int watch, std::chrono::milliseconds longest) {
  pollfd ready{watch, POLLIN, 0};
  if (::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(1, longest.count()))) <= 0) return;
  std::array<char, 4096> events{};
  while (::read(watch, events.data(), events.size()) > 0) {
  }
}

/// "4711 enroll redmine-alice", as the holder wrote it.
std::string holder_of(int fd) {
  std::string note(kLongestNote, '\0');
  const ssize_t got = ::pread(fd, note.data(), note.size(), 0);
  note.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  note.resize(std::min(note.find('\n'), note.size()));
  std::ranges::replace_if(note, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '?');
  return note;
}

void leave_note(int fd, const std::string& command, const std::filesystem::path& file) {
  std::string note = fmt::format("{} {}", ::getpid(), command).substr(0, kLongestNote - 1) + '\n';
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, note.data(), note.size(), 0) != static_cast<ssize_t>(note.size()))
    fail(file, "cannot be written");
}

[[noreturn]] void refuse(int fd) {
  const std::string note = holder_of(fd);
  const std::size_t space = note.find(' ');
  if (space == std::string::npos || space == 0)
    throw Failure(Outcome::kBusy, "another process holds the state directory");
  throw Failure(Outcome::kBusy,
                fmt::format("process {} holds the state directory: {}", note.substr(0, space), note.substr(space + 1)),
                "wait for it, or end it");
}

}  // namespace

StateLock StateLock::acquire(const std::filesystem::path& state_directory, const std::string& command,
                             Deadline deadline) {
  make_private_directory(state_directory);
  const std::filesystem::path file = state_directory / "lock";
  UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) fail(file, "cannot be opened");
  if (!try_lock(fd.get(), file)) {
    // Watched before the next try, so that no end is missed.
    const UniqueFd watch(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!watch || ::inotify_add_watch(watch.get(), file.c_str(), IN_CLOSE) < 0) fail(file, "cannot be watched");
    while (!try_lock(fd.get(), file)) {
      if (deadline.expired()) refuse(fd.get());
      wait_for_news(watch.get(), std::min(deadline.remaining(), kSecondLook));
    }
  }
  leave_note(fd.get(), command, file);
  return StateLock(std::move(fd));
}

}  // namespace totpilot::store
