// The containment, on a real Chrome, as root and as an ordinary user (where the tests run as root; otherwise as whoever
// runs them).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <boost/asio/io_context.hpp>

#include "drivers/launcher/launcher.h"
#include "tests/unit/launcher/process_list.h"

namespace totpilot::launcher {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using namespace tests;

constexpr const char* kShell = "/usr/lib/chromium/chromium-headless-shell";
constexpr auto kEndsWithin = 10s;

enum class As { kOurselves, kOrdinaryUser };
std::string name_of(const testing::TestParamInfo<As>& info) {
  return info.param == As::kOurselves ? "Ourselves" : "OrdinaryUser";
}

/// A process of its own that owns a browser.
class Parent {
 public:
  Parent(As as, const std::vector<std::string>& arguments, std::vector<std::string> wrapper = {}) {
    std::vector<std::string> command;
    if (as == As::kOrdinaryUser) command = {"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
    command.insert(command.end(), wrapper.begin(), wrapper.end());
    command.push_back(TOTPILOT_BIN_DIR "/launcher_parent");
    command.insert(command.end(), arguments.begin(), arguments.end());
    spawn(command);
  }
  ~Parent() {
    if (!ended_) kill();
  }

  /// Its one line.
  std::string say() {
    std::string line;
    char c = 0;
    while (::read(output_.get(), &c, 1) == 1 && c != '\n') line.push_back(c);
    return line;
  }
  /// The namespace's init. The test ends here if there is no browser.
  pid_t init() {
    const std::string line = say();
    int pid = 0;
    if (std::sscanf(line.c_str(), "init %d parent %d", &pid, &parent_) != 2) throw std::runtime_error(line);
    return pid;
  }
  pid_t pid() const { return parent_; }
  void kill() {
    if (parent_ != 0) ::kill(parent_, SIGKILL);
    ::kill(child_, SIGKILL);
    int status = 0;
    ::waitpid(child_, &status, 0);
    ended_ = true;
  }

 private:
  void spawn(std::vector<std::string>& command) {
    std::array<int, 2> output{};
    std::array<int, 2> input{};
    if (::pipe2(output.data(), O_CLOEXEC) != 0 || ::pipe2(input.data(), O_CLOEXEC) != 0)
      throw std::runtime_error("no pipe");
    output_ = UniqueFd(output[0]);
    input_ = UniqueFd(input[1]);
    const UniqueFd write_end(output[1]);
    const UniqueFd read_end(input[0]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, read_end.get(), 0);
    ::posix_spawn_file_actions_adddup2(&actions, write_end.get(), 1);
    std::vector<char*> pointers;
    for (auto& word : command) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const int error = ::posix_spawn(&child_, pointers[0], &actions, nullptr, pointers.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("cannot start the parent");
  }

  pid_t child_ = 0;
  pid_t parent_ = 0;
  bool ended_ = false;
  UniqueFd output_;
  UniqueFd input_;
};

struct Containment : testing::TestWithParam<As> {
  void SetUp() override {
    if (GetParam() == As::kOrdinaryUser && ::geteuid() != 0) GTEST_SKIP() << "we are the ordinary user";
  }
};

INSTANTIATE_TEST_SUITE_P(Users, Containment, testing::Values(As::kOurselves, As::kOrdinaryUser), name_of);

TEST_P(Containment, LeavesNothingWhenItsOwnerIsKilled) {
  Parent parent(GetParam(), {kShell});
  const Watched processes(family_of(parent.init()));
  ASSERT_GE(processes.size(), 5U);

  parent.kill();

  EXPECT_TRUE(processes.all_end_within(kEndsWithin));
}

TEST_P(Containment, LeavesNothingOfAStoppedBrowserWhenItsOwnerIsKilled) {
  Parent parent(GetParam(), {kShell});
  const auto family = family_of(parent.init());
  const Watched processes(family);
  ASSERT_GE(processes.size(), 5U);
  for (const pid_t pid : family) ::kill(pid, SIGSTOP);

  parent.kill();

  EXPECT_TRUE(processes.all_end_within(kEndsWithin));
}

TEST_P(Containment, LeavesNothingOfTheBrowserEvenWhenTheHelperIsStopped) {
  Parent parent(GetParam(), {kShell});
  const pid_t init = parent.init();
  const Watched processes(family_of(init));
  const pid_t helper = std::stoi(status_of(init, "PPid"));
  ::kill(helper, SIGSTOP);

  parent.kill();

  EXPECT_TRUE(processes.all_end_within(kEndsWithin));
  ::kill(helper, SIGKILL);
}

TEST_P(Containment, KeepsTheSandboxOnUnderAUidThatIsNotRoot) {
  Parent parent(GetParam(), {kShell});
  const pid_t init = parent.init();
  int renderers = 0;
  for (const pid_t pid : family_of(init)) {
    if (pid == init) continue;
    const std::string command = command_of(pid);
    EXPECT_EQ(command.find("--no-sandbox"), std::string::npos);
    EXPECT_EQ(status_of(pid, "NoNewPrivs"), "1") << command;
    EXPECT_NE(status_of(pid, "Uid").substr(0, 2), "0\t") << command;
    if (::geteuid() == 0) EXPECT_EQ(status_of(pid, "Groups").find_first_not_of(" \t"), std::string::npos) << command;
    EXPECT_NE(slurp(proc(pid) / "limits").find("Max core file size        0                    0"), std::string::npos)
        << command;
    if (command.find("--type=renderer") == std::string::npos) continue;
    ++renderers;
    EXPECT_EQ(status_of(pid, "Seccomp"), "2");
  }
  EXPECT_GE(renderers, 1);
}

TEST_P(Containment, ListensOnNoPort) {
  Parent parent(GetParam(), {kShell});
  const auto listening = listening_sockets();

  for (const pid_t pid : family_of(parent.init())) {
    for (const std::string& socket : sockets_of(pid)) EXPECT_FALSE(listening.contains(socket)) << command_of(pid);
  }
}

TEST_P(Containment, ShowsTheBrowserNeitherHiddenDirectoriesAndFilesNorOurTmp) {
  const fs::path state = "/var/tmp/totpilot-hidden-" + std::to_string(::getpid());
  fs::create_directories(state / "inside");
  const fs::path key = state.string() + ".key";
  const fs::path visible = state.string() + ".visible";
  const fs::path ours = "/tmp" / state.filename();
  for (const auto& file : {state / "vault.db", key, visible, ours}) std::ofstream(file) << "here";
  for (const auto& path : {state, key, visible}) fs::permissions(path, fs::perms::all);
  ASSERT_EQ(slurp(key), "here");

  Parent parent(GetParam(), {kShell, state, key, "/nowhere/at/all"});
  const fs::path root = proc(parent.init()) / "root";

  EXPECT_EQ(slurp(root.string() + visible.string()), "here");
  EXPECT_FALSE(fs::exists(root.string() + (state / "inside").string()));
  EXPECT_FALSE(fs::exists(root.string() + (state / "vault.db").string()));
  EXPECT_EQ(slurp(root.string() + key.string()), "");
  EXPECT_FALSE(fs::exists(root.string() + ours.string()));
  EXPECT_TRUE(fs::exists(root.string() + kProfileInside));
  for (const auto& path : {state, key, visible, ours}) fs::remove_all(path);
}

TEST_P(Containment, ShowsTheBrowserNoProcessButItsOwn) {
  Parent parent(GetParam(), {kShell});
  const pid_t init = parent.init();
  std::size_t seen = 0;
  for (const auto& entry : fs::directory_iterator(proc(init) / "root" / "proc")) {
    seen += std::isdigit(entry.path().filename().string()[0]) != 0 ? 1 : 0;
  }

  EXPECT_LE(seen, family_of(init).size());
  EXPECT_EQ(slurp(proc(init) / "root" / "proc" / "1" / "comm"), "totpilot-init\n");
}

TEST(ContainmentOfUsers, SaysWhyWhenTheHostRefusesUserNamespaces) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs to become another user";
  // A user namespace that allows none below it, in which we are an ordinary user.
  Parent parent(As::kOrdinaryUser, {kShell},
                {"/usr/bin/unshare", "--user", "--map-current-user", "--keep-caps", "/bin/sh", "-c",
                 "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$@\"", "sh"});

  const std::string line = parent.say();

  EXPECT_EQ(line,
            "failed: this host refuses user namespaces, which an ordinary user's browser is contained in: No space "
            "left on device "
            "(allow them (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone) or run totpilot as root)");
}

struct Launching : testing::Test {
  boost::asio::io_context context;
  Request request;

  Launching() {
    request.program = kShell;
    request.arguments = {"--remote-debugging-pipe", "--disable-gpu"};
  }
  std::unique_ptr<ContainedBrowser> start() { return launch(context.get_executor(), find_helper({}), request); }
  void await(ContainedBrowser& browser) { run_to_end(context, browser.ready(Deadline::after(60s))); }
  std::string failure_of(ContainedBrowser& browser) {
    try {
      await(browser);
      return {};
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), Outcome::kBrowserLost);
      return failure.message();
    }
  }
};

TEST_F(Launching, LeavesNeitherAProcessNorAZombieWhenTheBrowserIsDestroyed) {
  auto browser = start();
  await(*browser);
  const Watched processes(family_of(browser->init()));

  browser.reset();

  EXPECT_TRUE(processes.all_end_within(0ms));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
}

TEST_F(Launching, StopsInOrderWithoutBlocking) {
  auto browser = start();
  await(*browser);
  const Watched processes(family_of(browser->init()));

  run_to_end(context, browser->stop(Deadline::after(30s)));

  EXPECT_TRUE(processes.all_end_within(0ms));
}

TEST_F(Launching, DestroysAStoppedHelperToo) {
  auto browser = start();
  await(*browser);
  const Watched processes(family_of(browser->init()));
  ::kill(std::stoi(status_of(browser->init(), "PPid")), SIGSTOP);

  browser.reset();

  EXPECT_TRUE(processes.all_end_within(kEndsWithin));
}

TEST_F(Launching, MayBeDestroyedBeforeItHasStarted) {
  start().reset();
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
}

TEST_F(Launching, RefusesToStartWithoutTheSandbox) {
  request.arguments.emplace_back("--no-sandbox");

  EXPECT_EQ(failure_of(*start()), "the browser is never started with --no-sandbox");
}

TEST_F(Launching, SaysThatTheBrowserIsMissing) {
  request.program = "/usr/lib/chromium/no-such-browser";

  EXPECT_EQ(failure_of(*start()),
            "there is no browser at /usr/lib/chromium/no-such-browser: No such file or directory");
}

TEST_F(Launching, SaysThatTheProgramCannotBeRun) {
  request.program = "/usr/lib/chromium/icudtl.dat";

  EXPECT_EQ(failure_of(*start()), "cannot start /usr/lib/chromium/icudtl.dat: Permission denied");
}

TEST_F(Launching, RunsAsRootOnlyWhatRootAloneCanWrite) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const fs::path program = "/var/tmp/totpilot-program-" + std::to_string(::getpid());
  fs::copy_file("/bin/true", program);
  fs::permissions(program, fs::perms::all);
  request.program = program;

  EXPECT_EQ(failure_of(*start()), program.string() + " can be changed by others than root");
  fs::remove(program);
}

TEST_F(Launching, KnowsHowTheBrowserEnded) {
  request.program = "/bin/false";
  auto browser = start();
  await(*browser);

  run_to_end(context, browser->ended(Deadline::after(30s)));

  EXPECT_EQ(browser->end_reason(), "the browser exited with status 1");
}

TEST_F(Launching, GivesEachBrowserAUidOfItsOwnWhileItLives) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  request.first_uid = 59300;
  request.uid_count = 1;
  auto first = start();
  await(*first);

  EXPECT_EQ(failure_of(*start()), "every uid set aside for browsers is in use");

  first.reset();
  EXPECT_EQ(failure_of(*start()), "");
}

TEST_F(Launching, GivesTheBrowserItsOwnCopyOfTheDisplaysCookie) {
  const fs::path cookie = "/tmp/totpilot-cookie-" + std::to_string(::getpid());
  std::ofstream(cookie) << "cookie";
  fs::permissions(cookie, fs::perms::owner_read | fs::perms::owner_write);
  request.x_cookie = cookie;
  auto browser = start();
  await(*browser);
  fs::remove(cookie);

  const std::string copy = proc(browser->init()).string() + "/root" + kXCookieInside;
  struct stat file{};
  struct stat home{};
  ASSERT_EQ(::stat(copy.c_str(), &file), 0);
  ASSERT_EQ(::stat(fs::path(copy).parent_path().c_str(), &home), 0);

  EXPECT_EQ(slurp(copy), "cookie");
  EXPECT_EQ(file.st_mode & 0777, 0600U);
  EXPECT_EQ(file.st_uid, home.st_uid);
  browser.reset();
  EXPECT_FALSE(fs::exists(copy));
}

TEST_F(Launching, GivesUsWhatTheBrowserDownloads) {
  auto browser = start();
  await(*browser);

  std::ofstream(proc(browser->init()).string() + "/root" + kDownloadsInside + "/guid") << "codes";

  EXPECT_EQ(slurp(browser->downloads() / "guid"), "codes");
}

TEST(Helper, SaysThatItIsNotInstalledWithThePlacesItLookedAt) {
  EXPECT_EQ(find_helper("/configured/helper"), "/configured/helper");
  EXPECT_EQ(find_helper({}), fs::path(TOTPILOT_BIN_DIR "/totpilot-browser"));
}

}  // namespace
}  // namespace totpilot::launcher
