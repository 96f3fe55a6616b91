// A helper that a service manager starts for each connection to a socket, as config/systemd has it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <boost/asio/io_context.hpp>

#include "drivers/launcher/launcher.h"
#include "tests/unit/launcher/process_list.h"

namespace totpilot::launcher {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// systemd's own stand-in for a .socket unit with Accept=yes.
class Activator {
 public:
  explicit Activator(const fs::path& socket) {
    std::array<int, 2> words{};
    if (::pipe2(words.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    words_ = UniqueFd(words[0]);
    UniqueFd writing(words[1]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, writing.get(), 2);
    std::vector<std::string> command = {
        "/usr/bin/systemd-socket-activate",  "--accept", "--seqpacket", "--listen", socket.string(),
        TOTPILOT_BIN_DIR "/totpilot-browser"};
    std::vector<char*> pointers;
    for (auto& word : command) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const int error = ::posix_spawn(&pid_, pointers[0], &actions, nullptr, pointers.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("cannot start systemd-socket-activate");
    writing = UniqueFd();
    std::string said;
    for (char c = 0; said.find("Listening on") == std::string::npos && ::read(words_.get(), &c, 1) == 1;)
      said.push_back(c);
  }
  ~Activator() {
    ::kill(pid_, SIGTERM);
    int status = 0;
    ::waitpid(pid_, &status, 0);
  }
  Activator(const Activator&) = delete;
  Activator& operator=(const Activator&) = delete;

 private:
  pid_t pid_ = 0;
  UniqueFd words_;  // open as long as it may say something
};

struct Activation : testing::Test {
  boost::asio::io_context context;
  fs::path directory;
  Request request;

  Activation() {
    std::string pattern = (fs::temp_directory_path() / "totpilot-activation.XXXXXX").string();
    directory = ::mkdtemp(pattern.data());
    request.program = "/usr/lib/chromium/chromium-headless-shell";
    request.arguments = {"--remote-debugging-pipe", "--disable-gpu"};
  }
  ~Activation() override { fs::remove_all(directory); }

  fs::path socket() const { return directory / "browser.sock"; }
  std::unique_ptr<ContainedBrowser> start() {
    auto browser = launch(context.get_executor(), find_helper(socket()), request);
    run_to_end(context, browser->ready(Deadline::after(60s)));
    return browser;
  }
};

TEST_F(Activation, StartsAHelperOfTheServiceManagerWhichGoesWithItsBrowser) {
  const Activator activator(socket());
  auto browser = start();
  const tests::Watched processes(tests::family_of(browser->init()));
  ASSERT_GE(processes.size(), 2U) << "its init and the browser";

  run_to_end(context, browser->stop(Deadline::after(30s)));

  EXPECT_TRUE(processes.all_end_within(5s));
}

TEST_F(Activation, GivesEachConnectionAHelperOfItsOwn) {
  const Activator activator(socket());
  const auto first = start();
  const auto second = start();

  EXPECT_NE(tests::status_of(first->init(), "PPid"), tests::status_of(second->init(), "PPid"));
  run_to_end(context, first->stop(Deadline::after(30s)));
  EXPECT_TRUE(second->end_reason().empty());
  run_to_end(context, second->stop(Deadline::after(30s)));
}

TEST_F(Activation, SaysThatNobodyListens) {
  {
    const Activator activator(socket());
  }
  ASSERT_TRUE(fs::exists(socket())) << "the socket of a unit that was stopped";
  try {
    start();
    FAIL() << "nobody was there";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Outcome::kBrowserLost);
    EXPECT_EQ(failure.message(), "nobody starts browsers at " + socket().string() + ": Connection refused");
    EXPECT_EQ(failure.hint(), "systemctl status totpilot-browser.socket");
  }
}

}  // namespace
}  // namespace totpilot::launcher
