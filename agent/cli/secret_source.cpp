#include "agent/cli/secret_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "agent/base/deadline.h"
#include "agent/base/failure.h"
#include "agent/base/file.h"
#include "agent/base/unique_fd.h"
#include "agent/cli/terminal.h"

extern char** environ;

namespace totpilot::cli {
namespace {

constexpr auto kCommandTime = std::chrono::seconds(60);

/// Appends what the command has written; false at the end. The string was reserved, so that no copy is left behind by
/// growing.
bool read_some(int fd, std::string& into, std::size_t limit) {
  std::array<char, 512> block{};
  const ssize_t got = ::read(fd, block.data(), block.size());
  if (got == 0) return false;
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (got < 0) {
    // Half a secret must not look like a whole one.
    wipe(into);
    throw Failure(Outcome::kStorageFailed,
                  fmt::format("the output of the command cannot be read ({})", std::strerror(errno)));
  }
  if (into.size() + static_cast<std::size_t>(got) > limit) {
    wipe(into);
    throw Failure(Outcome::kInvalidInput, fmt::format("more than {} bytes where a secret was expected", limit));
  }
  into.append(block.data(), static_cast<std::size_t>(got));
  explicit_bzero(block.data(), block.size());
  return true;
}

/// Without one line end, which editors and `echo` add.
Secret without_line_end(const Secret& secret) {
  std::string_view text = secret.reveal();
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return Secret::copy_of(text);
}

/// A child that is killed, and in any case reaped, when its owner goes.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// The exit status; -1 for a signal.
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_;
};

pid_t start_shell(const std::string& command, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  std::string shell = "sh";
  std::string option = "-c";
  std::string text = command;
  std::array<char*, 4> arguments{shell.data(), option.data(), text.data(), nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, "/bin/sh", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw Failure(Outcome::kInvalidInput, "the command cannot be started");
  return pid;
}

Secret refuse_empty(Secret secret, const std::string& where) {
  if (secret.empty()) throw Failure(Outcome::kInvalidInput, where + " is empty");
  return secret;
}

}  // namespace

void SecretSource::add_options(CLI::App& command) {
  auto* file =
      command.add_option("--" + word_ + "-file", file_, "read the " + word_ + " from this file")->type_name("FILE");
  auto* output =
      command
          .add_option("--" + word_ + "-command", command_, "read the " + word_ + " from what this shell command prints")
          ->type_name("COMMAND");
  auto* input = command.add_flag("--" + word_ + "-stdin", stdin_, "read the " + word_ + " from standard input");
  file->excludes(output, input);
  output->excludes(input);
}

Secret SecretSource::read() const {
  if (stdin_) return refuse_empty(without_line_end(read_standard_input()), "standard input");
  if (!file_.empty()) return refuse_empty(without_line_end(read_secret_file(file_, kLongestSecret)), file_);
  if (!command_.empty()) return refuse_empty(output_of(command_), "the output of the " + word_ + " command");
  throw Failure(Outcome::kNeedsInput, "the " + word_ + " is needed", hint());
}

Secret SecretSource::read_or_ask(const std::string& question) const {
  return given() ? read() : ask_secret(question, hint());
}

Secret SecretSource::read_or_ask_new(const std::string& question) const {
  return given() ? read() : ask_new_secret(question, hint());
}

std::string SecretSource::hint() const {
  return fmt::format("give it by --{0}-file, --{0}-command or --{0}-stdin", word_);
}

Secret read_standard_input(std::size_t limit) {
  static bool taken = false;
  if (std::exchange(taken, true))
    throw Failure(Outcome::kUsage, "standard input can give only one thing", "use a file for the other");
  return read_secret_stream(STDIN_FILENO, limit, "standard input");
}

Secret output_of(const std::string& command) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Failure(Outcome::kInternal, "no pipe can be made");
  const UniqueFd from(ends[0]);
  UniqueFd to(ends[1]);
  Child child(start_shell(command, to.get()));
  to = UniqueFd();
  const Deadline deadline = Deadline::after(kCommandTime);
  std::string text;
  text.reserve(kLongestSecret);
  for (;;) {
    pollfd wanted{from.get(), POLLIN, 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(deadline.remaining().count()));
    if (ready == 0) {
      wipe(text);
      throw Failure(Outcome::kTimedOut, "the command did not end within a minute");
    }
    if (ready > 0 && !read_some(from.get(), text, kLongestSecret)) break;
  }
  const int status = child.wait();
  if (status != 0) {
    wipe(text);
    throw Failure(Outcome::kInvalidInput, fmt::format("the command ended with status {}", status),
                  "run it by hand and see what it says");
  }
  return without_line_end(Secret(std::move(text)));
}

}  // namespace totpilot::cli
