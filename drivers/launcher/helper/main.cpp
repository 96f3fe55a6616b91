// totpilot-browser: starts one browser in namespaces of its own and stays until it is gone. Says what it does over
// descriptor 3, takes no arguments and reads no environment. When totpilot closes that socket, or dies, everything here
// ends.
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <optional>

#include "drivers/launcher/helper/identity.h"
#include "drivers/launcher/helper/init.h"
#include "drivers/launcher/helper/problem.h"
#include "drivers/launcher/protocol.h"

namespace totpilot::launcher {
namespace {

// As root we run nothing that somebody else could have put there.
void check_program(const Request& request) {
  struct stat info{};
  if (::stat(request.program.c_str(), &info) != 0) {
    throw system_problem("there is no browser at " + request.program,
                         "install the packages chromium-headless-shell and chromium");
  }
  if (::geteuid() == 0 && (info.st_uid != 0 || (info.st_mode & 022) != 0)) {
    throw Problem{request.program + " can be changed by others than root",
                  "as root only a program that root alone can write is run"};
  }
}

pid_t clone_into_namespaces(const Identity& identity) {
  unsigned long flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | SIGCHLD;
  if (identity.user_namespace) flags |= CLONE_NEWUSER;
  const auto pid = static_cast<pid_t>(::syscall(SYS_clone, flags, 0, 0, 0, 0));
  if (pid < 0 && identity.user_namespace) {
    throw system_problem(
        "this host refuses user namespaces, which an ordinary user's browser is contained in",
        "allow them (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone) or run totpilot as root");
  }
  if (pid < 0)
    throw system_problem("cannot make the browser's namespaces", "root without CAP_SYS_ADMIN cannot contain a browser");
  return pid;
}

struct Contained {
  pid_t init = 0;
  UniqueFd link;
};

Contained start(const Request& request, UniqueFd devtools) {
  if (const std::string reason = refusal(request.arguments); !reason.empty()) throw Problem{reason, {}};
  check_program(request);
  const Identity identity = choose_identity(request);
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw system_problem("cannot make a socket");
  UniqueFd outer(ends[0]);
  UniqueFd inner(ends[1]);
  const pid_t init = clone_into_namespaces(identity);
  if (init == 0) {
    outer = UniqueFd();
    ::_exit(run_init({request, identity, std::move(inner), kControlFd, std::move(devtools)}));
  }
  send_packet(outer.get(), "go", -1);
  return {init, std::move(outer)};
}

void end(pid_t init) {
  ::kill(init, SIGKILL);
  int status = 0;
  while (::waitpid(init, &status, 0) < 0 && errno == EINTR) {
  }
}

/// Hands on one reply of the init; false when there is none to come.
bool relay_one(const Contained& contained, int flags, bool& told_the_end) {
  const auto packet = receive_packet(contained.link.get(), flags);
  if (!packet || packet->bytes.empty()) return false;
  auto reply = decode_reply(packet->bytes);
  if (!reply) return false;
  told_the_end = reply->kind != Reply::Kind::kStarted;
  reply->init = contained.init;
  send_packet(kControlFd, encode(*reply), packet->fd.get());
  return true;
}

// Hands on what the init says, until it or totpilot has gone.
void relay(const Contained& contained) {
  std::array<pollfd, 2> watched = {pollfd{contained.link.get(), POLLIN, 0}, pollfd{kControlFd, POLLRDHUP, 0}};
  bool told_the_end = false;
  while (true) {
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) break;
    if (watched[1].revents != 0) break;
    if (watched[0].revents != 0 && !relay_one(contained, 0, told_the_end)) break;
  }
  end(contained.init);
  // What it said before it was ended tells more than that it was.
  while (relay_one(contained, MSG_DONTWAIT, told_the_end)) {
  }
  if (told_the_end) return;
  send_packet(kControlFd, encode(Reply{.kind = Reply::Kind::kExited, .reason = "the browser was ended"}), -1);
}

int serve() {
  ::close_range(kControlFd + 1, ~0U, 0);
  ::fcntl(kControlFd, F_SETFD, FD_CLOEXEC);
  auto packet = receive_packet(kControlFd, 0);
  if (!packet) {
    std::fputs("totpilot-browser is started by totpilot, not by hand\n", stderr);
    return 2;
  }
  if (packet->bytes.empty()) return 0;
  try {
    const auto request = decode_request(packet->bytes);
    if (!request)
      throw Problem{"the helper was asked with " + request.error(),
                    "totpilot and totpilot-browser must be of one version"};
    if (!packet->fd) throw Problem{"the helper was given no DevTools socket", {}};
    Contained contained = start(*request, std::move(packet->fd));
    packet->fd = UniqueFd();
    relay(contained);
    return 0;
  } catch (const Problem& problem) {
    send_packet(kControlFd, encode(Reply{.kind = Reply::Kind::kFailed, .reason = problem.reason, .hint = problem.hint}),
                -1);
    return 1;
  }
}

}  // namespace
}  // namespace totpilot::launcher

int main() { return totpilot::launcher::serve(); }
