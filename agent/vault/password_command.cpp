#include "agent/vault/password_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "agent/base/failure.h"
#include "agent/base/unique_fd.h"

extern char** environ;

namespace totpilot::vault {
namespace {

constexpr std::size_t kMostOutput = 4096;

[[noreturn]] void fail(std::string message) {
  throw Failure(Outcome::kNeedsInput, std::move(message),
                "run the password command in a shell: it must print the password in its first line and end with 0");
}

/// A child of its own process group; killed and reaped when it leaves scope before wait() did.
class Command {
 public:
  Command(const std::string& command, int output) {
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::string shell = "sh";
    std::string flag = "-c";
    std::string text = command;
    char* const arguments[] = {shell.data(), flag.data(), text.data(), nullptr};
    const int error = ::posix_spawn(&pid_, "/bin/sh", &files, &attributes, arguments, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) {
      pid_ = -1;
      fail("the password command cannot be started");
    }
    ended_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  }
  ~Command() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  /// Readable once the process has ended.
  int ended() const { return ended_.get(); }

  int reap() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    // What it left running in its group would hold our pipe.
    ::kill(-std::exchange(pid_, -1), SIGKILL);
    return status;
  }

 private:
  pid_t pid_ = -1;
  UniqueFd ended_;
};

void wait_readable(int fd, Deadline deadline) {
  for (;;) {
    pollfd ready{fd, POLLIN, 0};
    const auto left = std::min<std::int64_t>(deadline.remaining().count(), std::int64_t{1000} * 1000);
    const int found = ::poll(&ready, 1, static_cast<int>(left));
    if (found > 0) return;
    if (found < 0 && errno != EINTR) fail("the password command cannot be waited for");
    if (deadline.expired()) throw Failure(Outcome::kTimedOut, "the password command did not end in time");
  }
}

}  // namespace

Secret run_password_command(const std::string& command, Deadline deadline) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail("the password command cannot be started");
  const UniqueFd in(ends[0]);
  UniqueFd out(ends[1]);
  Command child(command, out.get());
  out = UniqueFd();

  Secret output = Secret::zeros(kMostOutput);
  std::size_t size = 0;
  while (output.reveal().substr(0, size).find('\n') == std::string_view::npos) {
    wait_readable(in.get(), deadline);
    const ssize_t got = ::read(in.get(), output.writable().data() + size, output.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("the password command's output cannot be read");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size == output.size()) fail("the password command prints more than a password");
  }
  wait_readable(child.ended(), deadline);
  const int status = child.reap();
  if (!WIFEXITED(status)) fail("the password command was killed");
  if (WEXITSTATUS(status) != 0) fail(fmt::format("the password command failed with status {}", WEXITSTATUS(status)));

  std::string_view line = output.reveal().substr(0, size);
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return Secret::copy_of(line);
}

}  // namespace totpilot::vault
