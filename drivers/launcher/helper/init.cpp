#include "drivers/launcher/helper/init.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>

#include "drivers/launcher/helper/mounts.h"
#include "drivers/launcher/helper/problem.h"

namespace totpilot::launcher {
namespace {

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return "the browser was killed by signal " + std::to_string(WTERMSIG(status));
  return "the browser exited with status " + std::to_string(WEXITSTATUS(status));
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (std::string& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> browser_environment(const Request& request) {
  std::vector<std::string> environment = {
      std::string("HOME=") + kHomeInside,
      "TMPDIR=/tmp",
      "PATH=/usr/bin:/bin",
      // Without an address Chrome looks for buses, and waits.
      "DBUS_SESSION_BUS_ADDRESS=disabled:",
      "DBUS_SYSTEM_BUS_ADDRESS=disabled:",
  };
  environment.insert(environment.end(), request.environment.begin(), request.environment.end());
  return environment;
}

void drop_to(const Identity& identity) {
  if (identity.user_namespace) return;  // the exec of a uid that is not 0 drops what the namespace's maker could do
  if (::setgroups(0, nullptr) != 0 || ::setresgid(identity.gid, identity.gid, identity.gid) != 0 ||
      ::setresuid(identity.uid, identity.uid, identity.uid) != 0) {
    throw system_problem("cannot run the browser as uid " + std::to_string(identity.uid),
                         "the range of uids must exist in this user namespace");
  }
}

// In the browser's process, up to its exec. Throws, or does not return.
[[noreturn]] void become_browser(const InitWork& work) {
  ::setsid();
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) throw system_problem("cannot forbid core dumps");
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  drop_to(work.identity);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) throw system_problem("cannot forbid new privileges");
  ::umask(077);
  if (::chdir(kHomeInside) != 0) throw system_problem("cannot enter the browser's home");

  const int null = ::open("/dev/null", O_RDWR);
  // A duplicate above 4 first: the socket may itself lie on 3 or 4.
  const int devtools = ::fcntl(work.devtools.get(), F_DUPFD, 10);
  if (null < 0 || devtools < 0) throw system_problem("cannot set up the browser's descriptors");
  for (const int fd : {0, 1, 2}) ::dup2(null, fd);

  std::vector<std::string> arguments = {work.request.program};
  arguments.insert(arguments.end(), work.request.arguments.begin(), work.request.arguments.end());
  std::vector<std::string> environment = browser_environment(work.request);

  sigset_t nothing;
  ::sigemptyset(&nothing);
  ::sigprocmask(SIG_SETMASK, &nothing, nullptr);
  // Last, because the link and the control socket may lie on 3 and 4.
  ::dup2(devtools, 3);
  ::dup2(devtools, 4);
  ::close_range(5, ~0U, CLOSE_RANGE_CLOEXEC);
  ::execve(work.request.program.c_str(), pointers(arguments).data(), pointers(environment).data());
  throw system_problem("cannot start " + work.request.program);
}

// Starts the browser and returns its process id (inside) once its program runs, or throws why it does not.
pid_t start_browser(const InitWork& work) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw system_problem("cannot make a pipe");
  UniqueFd read_end(ends[0]);
  UniqueFd write_end(::fcntl(ends[1], F_DUPFD_CLOEXEC, 20));
  ::close(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) throw system_problem("cannot fork");
  if (pid == 0) {
    try {
      become_browser(work);
    } catch (const Problem& problem) {
      const std::string packet =
          encode(Reply{.kind = Reply::Kind::kFailed, .reason = problem.reason, .hint = problem.hint});
      [[maybe_unused]] const ssize_t written = ::write(write_end.get(), packet.data(), packet.size());
      ::_exit(1);
    }
  }
  write_end = UniqueFd();
  // The end of file is the exec.
  std::string packet(4096, '\0');
  const ssize_t size = ::read(read_end.get(), packet.data(), packet.size());
  if (size <= 0) return pid;
  const auto reply = decode_reply(std::string_view(packet).substr(0, static_cast<std::size_t>(size)));
  throw Problem{reply ? reply->reason : "the browser could not be started", reply ? reply->hint : ""};
}

// Reaps until the browser's first process has ended, and says how; empty when totpilot went away first.
std::string reap(pid_t browser, int signals, int control) {
  std::array<pollfd, 2> watched = {pollfd{signals, POLLIN, 0}, pollfd{control, POLLRDHUP, 0}};
  while (true) {
    for (int status = 0; true;) {
      const pid_t pid = ::waitpid(-1, &status, WNOHANG);
      if (pid == browser) return how_it_ended(status);
      if (pid <= 0) break;
    }
    ::poll(watched.data(), watched.size(), -1);
    if (watched[1].revents != 0) return {};
    signalfd_siginfo ignored{};
    if (watched[0].revents != 0 && ::read(signals, &ignored, sizeof ignored) < 0) return {};
  }
}

}  // namespace

int run_init(InitWork work) {
  // Before the helper says "go", it is certain to be alive; after this line its death is ours.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto go = receive_packet(work.link.get(), 0);
  if (!go || go->bytes != "go") return 1;
  try {
    ::prctl(PR_SET_NAME, "totpilot-init");
    if (work.identity.user_namespace) map_own_ids(work.identity);
    UniqueFd downloads = set_up_mounts(work.request, work.identity);

    sigset_t child;
    ::sigemptyset(&child);
    ::sigaddset(&child, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &child, nullptr);
    const UniqueFd signals(::signalfd(-1, &child, SFD_CLOEXEC));
    const pid_t browser = start_browser(work);
    work.devtools = UniqueFd();
    send_packet(work.link.get(), encode(Reply{.kind = Reply::Kind::kStarted}), downloads.get());
    downloads = UniqueFd();

    const std::string ended = reap(browser, signals.get(), work.control);
    if (!ended.empty()) send_packet(work.link.get(), encode(Reply{.kind = Reply::Kind::kExited, .reason = ended}), -1);
    return 0;
  } catch (const Problem& problem) {
    send_packet(work.link.get(),
                encode(Reply{.kind = Reply::Kind::kFailed, .reason = problem.reason, .hint = problem.hint}), -1);
    return 1;
  }
}

}  // namespace totpilot::launcher
