#include "drivers/launcher/launcher.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>

namespace totpilot::launcher {
namespace {

constexpr const char* kHelperName = "totpilot-browser";
// Killing a namespace takes 10 to 30 ms; a helper that needs longer is itself stuck or stopped.
constexpr int kKillPatienceMs = 2000;

Failure lost(const std::string& reason, std::string hint = {}) {
  return Failure(Outcome::kBrowserLost, reason, std::move(hint));
}

struct SpawnSettings {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  SpawnSettings() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
};

struct Pair {
  UniqueFd ours;
  UniqueFd theirs;
};

Pair make_pair_of(int type) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw lost(std::string("cannot make a socket for the browser: ") + std::strerror(errno));
  }
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// An empty environment, no arguments, a session of its own (a Ctrl-C at the terminal is ours to handle), default
// signals.
pid_t spawn(const std::filesystem::path& helper, int control) {
  SpawnSettings settings;
  ::posix_spawn_file_actions_adddup2(&settings.actions, control, kControlFd);
  sigset_t all;
  sigset_t none;
  ::sigfillset(&all);
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigdefault(&settings.attributes, &all);
  ::posix_spawnattr_setsigmask(&settings.attributes, &none);
  ::posix_spawnattr_setflags(&settings.attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  std::string name = kHelperName;
  std::array<char*, 2> arguments = {name.data(), nullptr};
  std::array<char*, 1> environment = {nullptr};
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, helper.c_str(), &settings.actions, &settings.attributes, arguments.data(),
                                  environment.data());
  if (error != 0) throw lost("cannot start " + helper.string() + ": " + std::strerror(error));
  return pid;
}

/// Whoever listens there (systemd, for totpilot-browser@.service) starts one helper for each connection.
UniqueFd connect_to(const std::filesystem::path& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = socket.string();
  if (path.size() >= sizeof address.sun_path) throw lost("the path of the helper's socket is too long: " + path);
  path.copy(address.sun_path, path.size());
  UniqueFd connection(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (connection.get() < 0) throw lost(std::string("cannot make a socket for the browser: ") + std::strerror(errno));
  // sockaddr_un is what connect() takes in this family.
  const auto* generic =
      reinterpret_cast<const sockaddr*>(&address);  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
  if (::connect(connection.get(), generic, sizeof address) != 0)
    throw lost("nobody starts browsers at " + path + ": " + std::strerror(errno),
               "systemctl status totpilot-browser.socket");
  return connection;
}

// What the helper has told so far. Shared with the read handler, which may still be queued when the browser object is
// gone.
struct Told {
  explicit Told(const boost::asio::any_io_executor& executor) : control(executor), started(executor), gone(executor) {}

  boost::asio::posix::stream_descriptor control;
  ReplySlot<bool> started;
  ReplySlot<bool> gone;  // the helper has closed its end: nothing is left
  UniqueFd downloads;
  pid_t init = 0;
  std::string end_reason;

  void take(Packet packet) {
    const auto reply = decode_reply(packet.bytes);
    if (!reply) return;
    switch (reply->kind) {
      case Reply::Kind::kStarted:
        init = reply->init;
        downloads = std::move(packet.fd);
        return started.set(true);
      case Reply::Kind::kFailed:
        end_reason = reply->reason;
        return started.fail(std::make_exception_ptr(lost(reply->reason, reply->hint)));
      case Reply::Kind::kExited:
        end_reason = reply->reason;
        return started.fail(std::make_exception_ptr(lost(reply->reason)));
    }
  }

  void finish() {
    if (end_reason.empty()) end_reason = "the browser's helper has ended";
    started.fail(std::make_exception_ptr(lost(end_reason)));
    gone.set(true);
  }

  static task<void> wait_for_start(std::shared_ptr<Told> told, Deadline deadline) {
    co_await told->started.wait(deadline, "the browser's start");
  }
  static task<void> wait_for_end(std::shared_ptr<Told> told, Deadline deadline) {
    if (!told->gone.settled()) co_await told->gone.wait(deadline, "the browser's end");
  }

  static void watch(std::shared_ptr<Told> told) {
    auto& control = told->control;
    control.async_wait(boost::asio::posix::descriptor_base::wait_read,
                       [told = std::move(told)](boost::system::error_code error) {
                         if (error) return;
                         auto packet = receive_packet(told->control.native_handle(), MSG_DONTWAIT);
                         if (!packet && packet.error() == EAGAIN) return watch(told);
                         if (!packet || packet->bytes.empty()) return told->finish();
                         told->take(std::move(*packet));
                         watch(told);
                       });
  }
};

class Contained final : public ContainedBrowser {
 public:
  Contained(const boost::asio::any_io_executor& executor, pid_t helper, UniqueFd control, UniqueFd devtools)
      : told_(std::make_shared<Told>(executor)), helper_(helper), devtools_(std::move(devtools)) {
    told_->control.assign(control.release());
    Told::watch(told_);
  }

  ~Contained() override {
    kill();
    if (helper_ != 0) wait_for_helper();
    boost::system::error_code ignored;
    told_->control.close(ignored);
  }

  int control() { return told_->control.native_handle(); }
  UniqueFd take_devtools() override { return std::move(devtools_); }

  // Wait for what was told, not for this object, which may be destroyed meanwhile.
  task<void> ready(Deadline deadline) override { return Told::wait_for_start(told_, deadline); }

  std::filesystem::path downloads() const override { return "/proc/self/fd/" + std::to_string(told_->downloads.get()); }
  pid_t init() const override { return told_->init; }
  const std::string& end_reason() const override { return told_->end_reason; }

  // The helper sees the end of our direction, kills the namespace, waits for it, and closes its own.
  void kill() override { ::shutdown(told_->control.native_handle(), SHUT_WR); }

  task<void> stop(Deadline deadline) override {
    kill();
    return ended(deadline);
  }

  task<void> ended(Deadline deadline) override { return Told::wait_for_end(told_, deadline); }

 private:
  void wait_for_helper() {
    // Not glibc's function: 2.36 declares it with C++ linkage.
    const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, helper_, 0)));
    pollfd watched{process.get(), POLLIN, 0};
    int ready = 0;
    do ready = ::poll(&watched, 1, kKillPatienceMs);
    while (ready < 0 && errno == EINTR);
    // A helper that does not listen: its death is the init's, which is everybody's.
    if (ready <= 0) ::kill(helper_, SIGKILL);
    int status = 0;
    while (::waitpid(helper_, &status, 0) < 0 && errno == EINTR) {
    }
  }

  std::shared_ptr<Told> told_;
  pid_t helper_;  // 0: somebody else's child
  UniqueFd devtools_;
};

}  // namespace

std::filesystem::path find_helper(const std::filesystem::path& configured) {
  if (!configured.empty()) return configured;
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto beside = self.parent_path();
  const std::array<std::filesystem::path, 2> places = {beside / kHelperName,
                                                       beside.parent_path() / TOTPILOT_LIBEXEC_DIR / kHelperName};
  for (const auto& place : places) {
    if (std::filesystem::exists(place, error)) return place;
  }
  throw lost("the helper totpilot-browser is not installed",
             "looked for " + places[0].string() + " and " + places[1].string());
}

std::unique_ptr<ContainedBrowser> launch(const boost::asio::any_io_executor& executor,
                                         const std::filesystem::path& helper, const Request& request) {
  const std::string packet = encode(request);
  if (packet.size() > kMaxPacket) throw lost("the browser's arguments are too long");
  Pair devtools = make_pair_of(SOCK_STREAM);
  std::unique_ptr<Contained> browser;
  std::error_code ignored;
  if (std::filesystem::is_socket(helper, ignored)) {
    browser = std::make_unique<Contained>(executor, 0, connect_to(helper), std::move(devtools.ours));
  } else {
    Pair control = make_pair_of(SOCK_SEQPACKET);
    const pid_t pid = spawn(helper, control.theirs.get());
    browser = std::make_unique<Contained>(executor, pid, std::move(control.ours), std::move(devtools.ours));
  }
  // A helper that is already gone is told of by ready().
  send_packet(browser->control(), packet, devtools.theirs.get());
  return browser;
}

}  // namespace totpilot::launcher
