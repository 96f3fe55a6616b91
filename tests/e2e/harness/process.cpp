#include "tests/e2e/harness/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>

namespace totpilot::e2e {
namespace {

using namespace std::chrono_literals;
using SteadyTime = std::chrono::steady_clock::time_point;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

UniqueFile memory_file(const char* name) {
  UniqueFile file(memfd_create(name, MFD_CLOEXEC));
  if (file.get() < 0) fail("memfd_create");
  return file;
}

UniqueFile open_pidfd(pid_t pid) { return UniqueFile(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))); }

std::string content_of(const UniqueFile& file) {
  std::string text(static_cast<std::size_t>(lseek(file.get(), 0, SEEK_END)), '\0');
  const ssize_t got = pread(file.get(), text.data(), text.size(), 0);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

/// All of a file below /proc; what is there of it when its process ends meanwhile.
std::string slurp(const std::filesystem::path& path) {
  std::string text;
  const UniqueFile file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 4096> part{};
  for (ssize_t got = 1; file.get() >= 0 && got > 0;) {
    got = read(file.get(), part.data(), part.size());
    if (got > 0) text.append(part.data(), static_cast<std::size_t>(got));
  }
  return text;
}

/// Does the process end by `end`? One that had gone before its pidfd could be opened has.
bool ends_by(const UniqueFile& pidfd, SteadyTime end) {
  if (pidfd.get() < 0) return true;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    pollfd wait{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
    const int ready = poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

struct Relative {
  pid_t pid = 0;
  pid_t parent = 0;
  std::string name;
};

std::vector<Relative> all_processes() {
  std::vector<Relative> all;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string file = entry.path().filename();
    if (file.find_first_not_of("0123456789") != std::string::npos) continue;
    // "pid (name) state ppid ...": the name may hold anything, so it is cut at its last parenthesis.
    const std::string stat = slurp(entry.path() / "stat");
    const std::size_t open = stat.find('(');
    const std::size_t close = stat.rfind(')');
    if (close == std::string::npos || stat.size() < close + 5) continue;
    all.push_back({.pid = std::stoi(file),
                   .parent = std::stoi(stat.substr(close + 4)),
                   .name = stat.substr(open + 1, close - open - 1)});
  }
  return all;
}

/// The children that a Process still stands for (a daemon, say): they and theirs are no business of another's end.
std::set<pid_t>& running() {
  static std::set<pid_t> pids;
  return pids;
}

std::vector<Relative> descendants_of(pid_t ancestor, const std::set<pid_t>& without = {}) {
  const std::vector<Relative> all = all_processes();
  std::vector<Relative> found;
  std::vector<pid_t> parents{ancestor};
  while (!parents.empty()) {
    const pid_t parent = parents.back();
    parents.pop_back();
    for (const Relative& one : all) {
      if (one.parent != parent || without.contains(one.pid)) continue;
      found.push_back(one);
      parents.push_back(one.pid);
    }
  }
  return found;
}

/// Whatever lives below this process and belongs to no other Process; what has ended is collected.
std::vector<Relative> strays() {
  std::vector<Relative> alive = descendants_of(getpid(), running());
  if (std::erase_if(alive, [](const Relative& one) { return waitpid(one.pid, nullptr, WNOHANG) > 0; }) == 0)
    return alive;
  return strays();  // those of a dead one are ours now
}

/// Waits for the end of all strays; what does not end is named and killed.
std::vector<std::string> settle_strays(std::chrono::milliseconds patience) {
  std::vector<std::string> left_over;
  SteadyTime end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const std::vector<Relative> alive = strays();
    if (alive.empty()) return left_over;
    if (ends_by(open_pidfd(alive.back().pid), end)) continue;
    for (const Relative& one : strays()) {  // anew: some have gone, some have another name by now
      left_over.push_back(one.name);
      kill(one.pid, SIGKILL);
    }
    end = std::chrono::steady_clock::now() + patience;
  }
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

Process::Process(const Command& command) : out_(memory_file("out")), err_(memory_file("err")) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const UniqueFile in = memory_file("in");
  if (write(in.get(), command.input.data(), command.input.size()) != static_cast<ssize_t>(command.input.size()))
    fail("write");
  lseek(in.get(), 0, SEEK_SET);

  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> environment;
  for (const auto& [name, value] : command.environment) environment.push_back(name + "=" + value);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, out_.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, err_.get(), STDERR_FILENO);
  const int error = posix_spawn(&pid_, arguments.front().c_str(), &files, nullptr, pointers(arguments).data(),
                                pointers(environment).data());
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) throw std::system_error(error, std::generic_category(), "cannot start " + command.arguments.front());
  pidfd_ = open_pidfd(pid_);
  running().insert(pid_);
}

Process::~Process() {
  if (!reaped_) finish(0ms);
}

void Process::signal(int number) const { kill(pid_, number); }

std::vector<pid_t> Process::descendants(const std::string& name) const {
  std::vector<pid_t> pids;
  for (const Relative& one : descendants_of(pid_)) {
    if (one.name.starts_with(name)) pids.push_back(one.pid);
  }
  return pids;
}

std::string Process::arguments_and_environments() const {
  std::vector<pid_t> pids = descendants();
  pids.push_back(pid_);
  std::string text;
  for (const pid_t pid : pids) {
    const std::filesystem::path directory = "/proc/" + std::to_string(pid);
    text += slurp(directory / "cmdline") + '\n' + slurp(directory / "environ") + '\n';
  }
  return text;
}

Ended Process::finish(std::chrono::milliseconds patience, std::chrono::milliseconds patience_for_descendants) {
  Ended ended;
  if (!ends_by(pidfd_, std::chrono::steady_clock::now() + patience)) {
    ended.timed_out = true;
    kill(pid_, SIGKILL);
  }
  int status = 0;
  waitpid(pid_, &status, 0);
  reaped_ = true;
  if (WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  running().erase(pid_);
  ended.left_over = settle_strays(patience_for_descendants);
  ended.out = content_of(out_);
  ended.err = content_of(err_);
  return ended;
}

}  // namespace totpilot::e2e
