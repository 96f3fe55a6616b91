#include "agent/cli/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "agent/base/failure.h"
#include "agent/base/unique_fd.h"

namespace totpilot::cli {
namespace {

constexpr std::size_t kLongestAnswer = 4096;

int descriptor(Stream stream) {
  switch (stream) {
    case Stream::kInput:
      return STDIN_FILENO;
    case Stream::kOutput:
      return STDOUT_FILENO;
    case Stream::kError:
      return STDERR_FILENO;
  }
  return STDERR_FILENO;
}

/// While it lives, interrupts arrive on a descriptor instead of ending the process, so that the terminal is always
/// restored.
class HeldSignals {
 public:
  HeldSignals() {
    sigset_t wanted;
    sigemptyset(&wanted);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&wanted, signal);
    pthread_sigmask(SIG_BLOCK, &wanted, &before_);
    fd_ = UniqueFd(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  ~HeldSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  int fd() const { return fd_.get(); }
  /// Takes the pending signal, so that it does not end the process when it is unblocked.
  void take() const {
    signalfd_siginfo info{};
    [[maybe_unused]] const ssize_t got = ::read(fd_.get(), &info, sizeof info);
  }

 private:
  sigset_t before_{};
  UniqueFd fd_;
};

enum class Echo { kOn, kOff };

class TerminalMode {
 public:
  TerminalMode(int fd, Echo echo) : fd_(fd) {
    if (::tcgetattr(fd_, &before_) != 0) return;
    known_ = true;
    termios wanted = before_;
    wanted.c_lflag |= ICANON | ISIG;
    if (echo == Echo::kOff) wanted.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL);
    // Not TCSAFLUSH: what a script or a quick typist sent ahead of the prompt is an answer too.
    ::tcsetattr(fd_, TCSADRAIN, &wanted);
  }
  ~TerminalMode() {
    if (known_) ::tcsetattr(fd_, TCSADRAIN, &before_);
  }
  TerminalMode(const TerminalMode&) = delete;
  TerminalMode& operator=(const TerminalMode&) = delete;

 private:
  int fd_;
  termios before_{};
  bool known_ = false;
};

UniqueFd open_terminal() { return UniqueFd(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)); }

void write_text(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// Waits for a byte or an interrupt.
void wait_readable(int fd, const HeldSignals& signals) {
  std::array<pollfd, 2> wanted{pollfd{fd, POLLIN, 0}, pollfd{signals.fd(), POLLIN, 0}};
  while (::poll(wanted.data(), wanted.size(), -1) < 0 && errno == EINTR) {
  }
  if ((wanted[1].revents & POLLIN) != 0) {
    signals.take();
    throw Failure(Outcome::kCancelled, "interrupted while asking");
  }
}

/// One line, without its end. The buffer is wiped whatever happens.
Secret read_line(int fd, const HeldSignals& signals) {
  std::string line;
  line.reserve(kLongestAnswer);  // no reallocation leaves a copy behind
  try {
    for (;;) {
      wait_readable(fd, signals);
      char byte = 0;
      const ssize_t got = ::read(fd, &byte, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0 && line.empty()) throw Failure(Outcome::kCancelled, "the terminal was closed while asking");
      if (got <= 0 || byte == '\n') break;
      if (line.size() == kLongestAnswer) throw Failure(Outcome::kInvalidInput, "the answer is too long");
      line.push_back(byte);
    }
  } catch (...) {
    wipe(line);
    throw;
  }
  return Secret(std::move(line));
}

Secret ask(const std::string& question, const std::string& hint, Echo echo) {
  const UniqueFd terminal = open_terminal();
  if (!terminal) throw Failure(Outcome::kNeedsInput, "there is no terminal to ask on", hint);
  const HeldSignals signals;
  const TerminalMode mode(terminal.get(), echo);
  write_text(terminal.get(), question);
  try {
    Secret answer = read_line(terminal.get(), signals);
    if (echo == Echo::kOff) write_text(terminal.get(), "\n");
    return answer;
  } catch (...) {
    write_text(terminal.get(), "\n");
    throw;
  }
}

}  // namespace

bool is_terminal(Stream stream) { return ::isatty(descriptor(stream)) == 1; }

int terminal_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

bool can_ask() { return static_cast<bool>(open_terminal()); }

Secret ask_secret(const std::string& question, const std::string& hint) {
  return ask(question + ": ", hint, Echo::kOff);
}

Secret ask_new_secret(const std::string& question, const std::string& hint) {
  Secret first = ask_secret(question, hint);
  if (first.empty()) throw Failure(Outcome::kInvalidInput, "the answer is empty");
  const Secret second = ask_secret(question + " (again)", hint);
  if (!first.same_as(second)) throw Failure(Outcome::kInvalidInput, "the two answers differ", "run the command again");
  return first;
}

bool ask_yes(const std::string& question, const std::string& hint) {
  const Secret answer = ask(question + " [y/N] ", hint, Echo::kOn);
  const std::string_view text = answer.reveal();
  return text == "y" || text == "Y" || text == "yes" || text == "Yes";
}

}  // namespace totpilot::cli
