// Commands while a daemon has the state directory: they are its clients, and what they say is what they say without it.
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <fstream>

#include "tests/e2e/practice_mission.h"

namespace totpilot::e2e {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

/// Returns when there is a file of that name.
void wait_for_file(const std::filesystem::path& file) {
  const UniqueFile events(::inotify_init1(IN_CLOEXEC));
  ::inotify_add_watch(events.get(), file.parent_path().c_str(), IN_CREATE | IN_MOVED_TO);
  while (!std::filesystem::exists(file)) {
    pollfd watched{events.get(), POLLIN, 0};
    if (::poll(&watched, 1, 60'000) <= 0) throw std::runtime_error(file.string() + " did not come");
    std::array<char, 4096> read{};
    if (::read(events.get(), read.data(), read.size()) < 0) throw std::runtime_error("inotify");
  }
}

class WithDaemon : public PracticeMission {
 protected:
  ~WithDaemon() override {
    if (daemon_) EXPECT_EQ(stop_daemon().exit_code, 0);
  }

  void start_daemon() {
    daemon_.emplace(home.command({"serve"}));
    wait_for_file(home.state() / "totpilot.sock");
  }
  Reply stop_daemon() {
    daemon_->signal(SIGTERM);
    Reply ended = Home::finish(*daemon_);
    daemon_.reset();
    EXPECT_THAT(ended.left_over, IsEmpty());
    return ended;
  }
  Reply newest_job() {
    Reply listed = totpilot({"job", "list", "--limit", "1"});
    listed.json = listed.json.value("jobs", nlohmann::json::array()).at(0);
    return listed;
  }

  std::optional<Process> daemon_;
};

TEST_F(WithDaemon, AnEnrollmentIsAJobOfItWhoseStepsAreToldHere) {
  start();
  start_daemon();

  const Reply enrolled = totpilot({"enroll", kAccount});

  ASSERT_EQ(enrolled.outcome(), "ok") << enrolled.told();
  EXPECT_GT(enrolled.json.value("steps", nlohmann::json::array()).size(), 5U);
  EXPECT_EQ(enrolled.json.value("account", ""), kAccount);
  EXPECT_TRUE(user().mfa_enabled);
  const Reply job = newest_job();
  EXPECT_EQ(job.json.value("job", ""), enrolled.json.value("job", "none"));
  EXPECT_EQ(job.json.value("state", ""), "done");
  const Reply code = totpilot({"code", kAccount, "--wait-fresh"});
  ASSERT_EQ(code.outcome(), "ok") << code.told();
  EXPECT_EQ(code.json.value("code", "").size(), 6U);
  EXPECT_EQ(totpilot({"recovery-codes", kAccount, "use"}).json.value("code", ""), user().recovery_codes.front());
  expect_nothing_went_elsewhere();
}

TEST_F(WithDaemon, ARunThatFailsSaysTheSameAsWithoutIt) {
  start();
  ASSERT_EQ(totpilot({"account", "set", kAccount, "--password-stdin"}, "another password").outcome(), "ok");
  const Reply alone = totpilot({"login", kAccount});
  start_daemon();

  const Reply asked = totpilot({"login", kAccount});

  EXPECT_EQ(asked.outcome(), "bad_credentials") << asked.told();
  EXPECT_EQ(asked.exit_code, alone.exit_code);
  EXPECT_EQ(asked.json.value("message", ""), alone.json.value("message", "none"));
  EXPECT_EQ(asked.json.value("hint", ""), alone.json.value("hint", "none"));
  EXPECT_EQ(asked.json.value("steps", nlohmann::json::array()).size(),
            alone.json.value("steps", nlohmann::json::array()).size());
}

TEST_F(WithDaemon, WhatIsDoneHereAllTheSameFindsTheDirectoryTaken) {
  start();
  start_daemon();

  const Reply local = totpilot({"--local", "code", kAccount});

  EXPECT_EQ(local.outcome(), "busy") << local.told();
  EXPECT_THAT(local.json.value("message", ""), HasSubstr("serve"));
}

TEST_F(WithDaemon, ACommandIsLentTheSessionInAFileThatIsGoneAfterwards) {
  start();
  start_daemon();
  const std::string seen = (home.root() / "seen").string();

  Process exec(
      home.command({"exec", kAccount, "--", "/bin/sh", "-c",
                    "stat -c '%a %U' \"$TOTPILOT_STORAGE_STATE\" > " + seen + "; echo \"$TOTPILOT_STORAGE_STATE\" >> " +
                        seen + "; cat \"$TOTPILOT_STORAGE_STATE\" >> " + seen + "; exit 7"}));
  const Ended ended = exec.finish(90s);

  EXPECT_EQ(ended.exit_code, 7) << ended.err;
  std::ifstream file(seen);
  std::string mode;
  std::string path;
  std::string state;
  std::getline(file, mode);
  std::getline(file, path);
  std::getline(file, state);
  EXPECT_THAT(mode, testing::StartsWith("600 "));
  EXPECT_FALSE(nlohmann::json::parse(state).at("cookies").empty());
  EXPECT_FALSE(std::filesystem::exists(path)) << path;
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(path).parent_path()));
}

TEST_F(WithDaemon, TheLentSessionIsGoneAlsoWhenItsLenderIsKilled) {
  start();
  start_daemon();
  const std::filesystem::path told = home.root() / "told";

  Process exec(home.command({"exec", kAccount, "--", "/bin/sh", "-c",
                             "echo \"$TOTPILOT_STORAGE_STATE\" > " + told.string() + ".part; mv " + told.string() +
                                 ".part " + told.string() + "; exec sleep 600"}));
  wait_for_file(told);
  std::string path;
  std::getline(std::ifstream(told), path);
  ASSERT_TRUE(std::filesystem::exists(path));
  for (const pid_t pid : exec.descendants("s")) ::kill(pid, SIGKILL);  // sh, or sleep by now
  exec.signal(SIGKILL);

  const Ended ended = exec.finish(30s);

  EXPECT_EQ(ended.signal, SIGKILL);
  EXPECT_THAT(ended.left_over, IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(path)) << path;
}

TEST_F(WithDaemon, AKeptSessionThatIsYoungEnoughSparesTheLogin) {
  start();
  start_daemon();
  ASSERT_EQ(totpilot({"session", kAccount, "--max-age", "1h"}).outcome(), "ok");
  const auto logins = site->ledger().submits(Purpose::kSignIn);
  const std::string job = newest_job().json.value("job", "");

  const Reply again = totpilot({"session", kAccount, "--max-age", "1h"});

  ASSERT_EQ(again.outcome(), "ok") << again.told();
  EXPECT_FALSE(again.json.at("state").at("cookies").empty());
  EXPECT_EQ(newest_job().json.value("job", ""), job);
  EXPECT_EQ(site->ledger().submits(Purpose::kSignIn), logins);
}

TEST_F(WithDaemon, WhatItHadBegunGoesOnWhenItIsStartedAgain) {
  start();
  start_daemon();
  ASSERT_EQ(totpilot({"enroll", kAccount}).outcome(), "ok");

  EXPECT_EQ(stop_daemon().exit_code, 0);
  start_daemon();

  EXPECT_EQ(newest_job().json.value("state", ""), "done");
  EXPECT_EQ(totpilot({"check", kAccount}).json.value("mfa", ""), "on");
}

}  // namespace
}  // namespace totpilot::e2e
