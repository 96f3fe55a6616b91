#pragma once
// What /proc says about processes, for the tests of what is left of a browser and how it is contained.
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "agent/base/unique_fd.h"

namespace totpilot::tests {

/// A file of /proc, whole; empty when the process is gone.
inline std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream all;
  all << file.rdbuf();
  return all.str();
}

inline std::filesystem::path proc(pid_t pid) { return "/proc/" + std::to_string(pid); }

/// A line of /proc/PID/status, behind its name: "Seccomp" -> "2".
inline std::string status_of(pid_t pid, const std::string& name) {
  std::istringstream lines(slurp(proc(pid) / "status"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + ":\t")) return line.substr(name.size() + 2);
  }
  return {};
}

/// The command line, its arguments separated by spaces.
inline std::string command_of(pid_t pid) {
  std::string text = slurp(proc(pid) / "cmdline");
  for (char& c : text) {
    if (c == '\0') c = ' ';
  }
  return text;
}

inline std::vector<pid_t> all_processes() {
  std::vector<pid_t> pids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ptr == name.data() + name.size())
      pids.push_back(pid);
  }
  return pids;
}

/// Processes below `ancestor`, itself included: a namespace's init is the ancestor of all that lives in its PID
/// namespace.
inline std::vector<pid_t> family_of(pid_t ancestor) {
  std::set<pid_t> family = {ancestor};
  const auto pids = all_processes();
  for (std::size_t before = 0; before != family.size();) {
    before = family.size();
    for (const pid_t pid : pids) {
      const std::string parent = status_of(pid, "PPid");
      if (!parent.empty() && family.contains(std::stoi(parent))) family.insert(pid);
    }
  }
  return {family.begin(), family.end()};
}

/// Holds processes so that their end can be waited for, though they are nobody's children any more.
class Watched {
 public:
  explicit Watched(const std::vector<pid_t>& pids) {
    for (const pid_t pid : pids) processes_.emplace_back(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  }
  std::size_t size() const { return processes_.size(); }
  /// Whether all have ended within the time.
  bool all_end_within(std::chrono::milliseconds span) const {
    const auto end = std::chrono::steady_clock::now() + span;
    for (const UniqueFd& process : processes_) {
      if (!process) continue;
      pollfd watched{process.get(), POLLIN, 0};
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
      if (::poll(&watched, 1, std::max(0, static_cast<int>(left.count()))) != 1) return false;
    }
    return true;
  }

 private:
  std::vector<UniqueFd> processes_;
};

/// Inodes of the sockets that listen for TCP anywhere in this network namespace.
inline std::set<std::string> listening_sockets() {
  std::set<std::string> inodes;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::istringstream lines(slurp(table));
    for (std::string line; std::getline(lines, line);) {
      std::istringstream fields(line);
      std::vector<std::string> field;
      for (std::string word; fields >> word;) field.push_back(word);
      if (field.size() > 9 && field[3] == "0A") inodes.insert("socket:[" + field[9] + "]");
    }
  }
  return inodes;
}

inline std::set<std::string> sockets_of(pid_t pid) {
  std::set<std::string> sockets;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(proc(pid) / "fd", error)) {
    const std::string target = std::filesystem::read_symlink(entry.path(), error).string();
    if (target.starts_with("socket:[")) sockets.insert(target);
  }
  return sockets;
}

}  // namespace totpilot::tests
