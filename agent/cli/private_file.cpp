#include "agent/cli/private_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "agent/base/failure.h"

namespace totpilot::cli {
namespace {

Failure cannot(const std::string& what) {
  return Failure(Outcome::kStorageFailed, fmt::format("cannot {}: {}", what, std::strerror(errno)));
}

/// A place that is on no disk: the user's runtime directory, else the shared memory.
std::filesystem::path place_in_memory() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  for (const char* place : {runtime, "/dev/shm"}) {
    struct statfs info{};
    if (place != nullptr && ::access(place, W_OK) == 0 && ::statfs(place, &info) == 0 && info.f_type == TMPFS_MAGIC)
      return place;
  }
  throw Failure(Outcome::kStorageFailed, "there is no file system in memory to put the session on",
                "mount a tmpfs on /dev/shm, or set XDG_RUNTIME_DIR to one");
}

/// Async-signal-safe calls only: it runs in the child of a process that has threads.
[[noreturn]] void clean_up_when_over(int alive, const char* file, const char* directory) {
  ::setsid();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::signal(signal, SIG_IGN);
  char byte = 0;
  while (::read(alive, &byte, 1) < 0 && errno == EINTR) {
  }
  ::unlink(file);
  ::rmdir(directory);
  ::_exit(0);
}

}  // namespace

PrivateFile::PrivateFile(std::string_view name, std::string_view content) {
  std::string pattern = (place_in_memory() / "totpilot-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw cannot("make a directory in memory");
  directory_ = pattern;
  file_ = directory_ / name;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw cannot("watch over the session's file");
  const UniqueFd reading(ends[0]);
  alive_ = UniqueFd(ends[1]);
  const std::string file = file_.string();
  cleaner_ = ::fork();
  if (cleaner_ < 0) throw cannot("start the process that removes the session's file");
  if (cleaner_ == 0) {
    ::close(alive_.get());
    clean_up_when_over(reading.get(), file.c_str(), pattern.c_str());
  }
  const UniqueFd to(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  for (std::string_view rest = content; !rest.empty();) {
    const ssize_t written = ::write(to.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw cannot("write the session's file");
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

PrivateFile::~PrivateFile() {
  alive_ = UniqueFd();
  int status = 0;
  while (::waitpid(cleaner_, &status, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace totpilot::cli
