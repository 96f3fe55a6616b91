#include "agent/cli/with_child.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "agent/base/failure.h"

namespace totpilot::cli {
namespace {

constexpr std::array kHandedOn = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

volatile sig_atomic_t running_child = 0;

// What the terminal sends goes to the child as well: once more does not harm, and it is ours to wait for.
void hand_on(int signal) {
  if (running_child > 0) ::kill(running_child, signal);
}

class HandsOnSignals {
 public:
  HandsOnSignals() {
    struct sigaction action{};
    action.sa_handler = hand_on;
    action.sa_flags = SA_RESTART;
    for (std::size_t i = 0; i < kHandedOn.size(); ++i) ::sigaction(kHandedOn.at(i), &action, &before_.at(i));
  }
  ~HandsOnSignals() {
    for (std::size_t i = 0; i < kHandedOn.size(); ++i) ::sigaction(kHandedOn.at(i), &before_.at(i), nullptr);
    running_child = 0;
  }
  HandsOnSignals(const HandsOnSignals&) = delete;
  HandsOnSignals& operator=(const HandsOnSignals&) = delete;

 private:
  std::array<struct sigaction, kHandedOn.size()> before_{};
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Ours, with the given ones in place of those of the same name.
std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view line = *entry;
    const bool replaced =
        std::ranges::any_of(added, [&](const auto& one) { return line.starts_with(one.first + "="); });
    if (!replaced) all.emplace_back(line);
  }
  for (const auto& [name, value] : added) all.push_back(name + "=" + value);
  return all;
}

}  // namespace

int with_child(const std::vector<std::string>& command,
               const std::vector<std::pair<std::string, std::string>>& environment) {
  std::vector<std::string> words = command;
  std::vector<std::string> variables = environment_with(environment);
  const auto word_pointers = pointers_to(words);
  const auto variable_pointers = pointers_to(variables);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  const HandsOnSignals hands_on;
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, words.front().c_str(), nullptr, &attributes, word_pointers.data(),
                                   variable_pointers.data());
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0)
    throw Failure(Outcome::kNotFound, fmt::format("cannot run {}: {}", words.front(), std::strerror(error)),
                  "give a command that is on the PATH, behind --");
  running_child = child;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  constexpr int kSignalled = 128;
  return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
}

}  // namespace totpilot::cli
