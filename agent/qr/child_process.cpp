#include "agent/qr/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

#include "agent/base/failure.h"

namespace totpilot::qr {
namespace {

/// The C functions' pair of init and destroy.
class SpawnActions {
 public:
  SpawnActions() { posix_spawn_file_actions_init(&actions_); }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

}  // namespace

ChildProcess::ChildProcess(const std::filesystem::path& program) {
  std::array<int, 2> pair{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    throw Failure(Outcome::kInternal, "no socket could be made for the QR decoder");
  }
  socket_ = UniqueFd(pair[0]);
  const UniqueFd theirs(pair[1]);

  SpawnActions actions;
  posix_spawn_file_actions_adddup2(actions.get(), theirs.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(actions.get(), theirs.get(), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(actions.get(), STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(actions.get(), STDERR_FILENO + 1);
  std::string name = program.filename().string();
  std::array<char*, 2> arguments = {name.data(), nullptr};
  std::array<char*, 1> environment = {nullptr};
  if (posix_spawn(&pid_, program.c_str(), actions.get(), nullptr, arguments.data(), environment.data()) != 0) {
    throw Failure(Outcome::kInternal, "the QR decoder could not be started: " + program.string(), "reinstall totpilot");
  }
  pidfd_ = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_) {
    kill();
    waitpid(pid_, nullptr, 0);
    throw Failure(Outcome::kInternal, "the kernel gives no handle to the QR decoder (Linux 5.3 or later is needed)");
  }
}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  kill();
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ChildProcess::kill() const {
  if (pid_ > 0) ::kill(pid_, SIGKILL);  // not yet reaped, so the number is still its own
}

ChildEnd ChildProcess::reap() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return ChildEnd::kExited;
  if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL)) return ChildEnd::kOutOfTime;
  return ChildEnd::kCrashed;
}

}  // namespace totpilot::qr
