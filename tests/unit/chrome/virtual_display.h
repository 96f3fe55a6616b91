#pragma once
// VirtualDisplay: an X server without a screen (Xvfb) that lets in only who has its cookie, and the environment that
// leads there. The cookie's file lies in our /tmp with mode 0600, as display managers leave it.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "agent/base/unique_fd.h"

namespace totpilot::tests {

class VirtualDisplay {
 public:
  VirtualDisplay() {
    std::string name = "/tmp/totpilot-display-XXXXXX";
    directory_ = ::mkdtemp(name.data());
    std::ofstream(cookie_file(), std::ios::binary) << cookie_entry();
    std::filesystem::permissions(cookie_file(), std::filesystem::perms(0600));
    const std::string display = start();
    ::setenv("DISPLAY", (":" + display).c_str(), 1);
    ::setenv("XAUTHORITY", cookie_file().c_str(), 1);
  }
  ~VirtualDisplay() {
    ::unsetenv("DISPLAY");
    ::unsetenv("XAUTHORITY");
    ::kill(server_, SIGTERM);
    int status = 0;
    ::waitpid(server_, &status, 0);
    std::filesystem::remove_all(directory_);
  }
  VirtualDisplay(const VirtualDisplay&) = delete;
  VirtualDisplay& operator=(const VirtualDisplay&) = delete;

 private:
  std::filesystem::path cookie_file() const { return directory_ / "cookie"; }

  /// Xauthority(7): a family that fits every address, no address, no display number, the protocol and the cookie.
  static std::string cookie_entry() {
    using namespace std::string_literals;
    return "\xff\xff\0\0\0\0\0\x12MIT-MAGIC-COOKIE-1\0\x10"s + std::string(16, 'c');
  }

  /// Starts the server; it says the number of the display it took once it listens.
  std::string start() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    const UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, write_end.get(), 3);
    ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    std::array<std::string, 10> words = {"Xvfb",      "-displayfd", "3",       "-auth", cookie_file(),
                                         "-nolisten", "tcp",        "-screen", "0",     "1400x1100x24"};
    std::array<char*, 11> arguments{};
    for (std::size_t i = 0; i < words.size(); ++i) arguments.at(i) = words.at(i).data();
    const int error = ::posix_spawnp(&server_, "Xvfb", &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("cannot start Xvfb (package xvfb)");
    write_end = UniqueFd();
    std::string number;
    for (char c = 0; ::read(read_end.get(), &c, 1) == 1 && c != '\n';) number.push_back(c);
    if (number.empty()) throw std::runtime_error("Xvfb did not come up");
    return number;
  }

  std::filesystem::path directory_;
  pid_t server_ = 0;
};

}  // namespace totpilot::tests
