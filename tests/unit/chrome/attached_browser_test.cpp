#include "drivers/chrome/attached_browser.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "tests/unit/chrome/session_fixture.h"

namespace totpilot::chrome {
namespace {

using nlohmann::json;

/// A browser that somebody started by hand, with a port. As root, that somebody is the user nobody, because Chrome
/// refuses to be root.
class StartedByHand {
 public:
  StartedByHand() {
    std::string profile = "/tmp/totpilot-by-hand-XXXXXX";
    if (::mkdtemp(profile.data()) == nullptr) throw std::runtime_error("no profile");
    profile_ = profile;
    std::filesystem::permissions(profile_, std::filesystem::perms::all);
    std::vector<std::string> command;
    if (::geteuid() == 0) command = {"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
    for (const char* word : {"/usr/lib/chromium/chromium-headless-shell", "--remote-debugging-port=0", "--disable-gpu"})
      command.emplace_back(word);
    command.push_back("--user-data-dir=" + profile);
    spawn(command);
    read_address();
  }
  ~StartedByHand() {
    ::kill(-pid_, SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    std::filesystem::remove_all(profile_);
  }
  /// "http://127.0.0.1:port".
  const std::string& address() const { return address_; }

 private:
  void spawn(std::vector<std::string>& command) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    errors_ = UniqueFd(ends[0]);
    const UniqueFd write_end(ends[1]);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, write_end.get(), 2);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    std::vector<char*> pointers;
    for (auto& word : command) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const int error = ::posix_spawn(&pid_, pointers[0], &actions, &attributes, pointers.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    if (error != 0) throw std::runtime_error("cannot start a browser by hand");
  }

  void read_address() {
    const std::string before = "DevTools listening on ws://";
    std::string said;
    char c = 0;
    while (::read(errors_.get(), &c, 1) == 1) {
      said.push_back(c);
      const auto found = said.find(before);
      if (c != '\n' || found == std::string::npos) continue;
      const auto from = found + before.size();
      address_ = "http://" + said.substr(from, said.find('/', from) - from);
      return;
    }
    throw std::runtime_error(said);
  }

  pid_t pid_ = 0;
  UniqueFd errors_;
  std::filesystem::path profile_;
  std::string address_;
};

struct AttachedBrowserTest : tests::SessionTest {
  StartedByHand hand;
  const bool was_root = ::geteuid() == 0;

  AttachedBrowserTest() {
    if (was_root && ::seteuid(65534) != 0) throw std::runtime_error("cannot become another user");
    port = make_attached_browser_port(blocking, *clock, hand.address());
    site.page("/", "<title>home</title>");
  }
  ~AttachedBrowserTest() override {
    port.reset();
    if (was_root && ::seteuid(0) != 0) std::abort();
  }
};

TEST_F(AttachedBrowserTest, WorksInAContextOfItsOwn) {
  const auto first = lease();
  const auto second = lease();
  for (const auto* session : {&first, &second}) open(*session, site.origin() + "/");
  eval(first, "localStorage.setItem('k', 'v')");

  EXPECT_EQ(eval(first, "document.title"), "home");
  EXPECT_EQ(eval(second, "localStorage.length"), 0);
}

TEST_F(AttachedBrowserTest, TakesItsContextWithItAndLeavesTheBrowser) {
  const auto contexts = [&](const Session& session) {
    return run(inside(session).browser().session()->call("Target.getBrowserContexts", {}, soon()))["browserContextIds"]
        .size();
  };
  auto first = lease();
  const auto second = lease();
  EXPECT_EQ(contexts(second), 2U);

  first.reset();

  // The other connection hears of it when the browser has come to it.
  const Deadline deadline = soon();
  while (contexts(second) != 1 && !deadline.expired()) {
  }
  EXPECT_EQ(contexts(second), 1U);
}

TEST_F(AttachedBrowserTest, LetsPagesOfOthersBe) {
  const auto session = lease();
  const auto theirs = lease();
  open(theirs, site.origin() + "/");
  eval(theirs, "void open('/', '_blank')");

  run(theirs->follow_new_page(soon()));

  EXPECT_EQ(run(theirs->page().wait_for({{.shows = {}, .hides = {}, .url = "/"}}, soon())), 0U);
  EXPECT_EQ(outcome_of(session->follow_new_page(Deadline::after(std::chrono::milliseconds(50)))),
            Outcome::kPageChanged);
}

TEST_F(AttachedBrowserTest, IsRefusedToAnotherUser) {
  if (!was_root) GTEST_SKIP() << "needs to become another user";
  ASSERT_EQ(::seteuid(0), 0);

  EXPECT_EQ(outcome_of(port->lease({.base_url = site.origin()}, soon())), Outcome::kOriginBlocked);
}

}  // namespace
}  // namespace totpilot::chrome
