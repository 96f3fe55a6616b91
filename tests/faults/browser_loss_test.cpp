// The browser is killed or stopped under the program, at moments that the site holds open.
#include <signal.h>

#include "tests/e2e/practice_mission.h"

namespace totpilot::e2e {
namespace {

using testing::IsEmpty;
using testing::Not;

/// What Chrome's processes are called: the kernel keeps fifteen letters.
constexpr const char* kBrowserName = "chromium-headle";

struct Moment {
  std::string name;
  std::string method;
  std::string path;
};

class BrowserLoss : public PracticeMission {
 protected:
  /// Starts enroll and returns while the site holds the answer.
  std::unique_ptr<Process> enroll_until(const Moment& moment) {
    site->hold(moment.method, moment.path);
    auto process = std::make_unique<Process>(home.command({"enroll", kAccount}));
    EXPECT_TRUE(site->wait_until_held(std::chrono::seconds(60))) << moment.name;
    return process;
  }

  static void signal_browser(const Process& process, int number) {
    const std::vector<pid_t> pids = process.descendants(kBrowserName);
    ASSERT_THAT(pids, Not(IsEmpty()));
    for (const pid_t pid : pids) kill(pid, number);
  }
};

class BrowserKilled : public BrowserLoss, public testing::WithParamInterface<Moment> {};

TEST_P(BrowserKilled, LocksNobodyOut) {
  start();
  const auto process = enroll_until(GetParam());
  signal_browser(*process, SIGKILL);
  site->release();
  const Reply lost = Home::finish(*process);
  EXPECT_THAT(lost.left_over, IsEmpty());
  EXPECT_FALSE(lost.timed_out) << lost.told();

  const Reply recovered = totpilot({"recover"});
  EXPECT_EQ(recovered.outcome(), "ok") << recovered.told();
  EXPECT_TRUE(nobody_is_locked_out());
  EXPECT_LE(site->ledger().submits(Purpose::kEnrol), 1);
  expect_nothing_went_elsewhere();
}

const Moment kMoments[] = {
    {"WhilePasswordIsSent", "POST", "/login"},
    {"WhileTheSecretComes", "GET", "/account/security/enroll"},
    {"WhileTheCodeIsSent", "POST", "/account/security/enroll"},
    {"WhileTheRecoveryCodesCome", "GET", "/account/security/recovery-codes"},
    {"WhileTheProofIsSent", "POST", "/login/code"},
};

INSTANTIATE_TEST_SUITE_P(Enrollment, BrowserKilled, testing::ValuesIn(kMoments),
                         [](const auto& instance) { return instance.param.name; });

TEST_F(BrowserLoss, LeavesNoProcessWhenTheProgramIsKilled) {
  start();
  const auto process = enroll_until(kMoments[2]);
  process->signal(SIGKILL);
  EXPECT_THAT(process->finish(std::chrono::seconds(10)).left_over, IsEmpty());
}

TEST_F(BrowserLoss, LeavesNoProcessWhenTheProgramIsKilledOverAStoppedBrowser) {
  start();
  const auto process = enroll_until(kMoments[2]);
  signal_browser(*process, SIGSTOP);
  process->signal(SIGKILL);
  EXPECT_THAT(process->finish(std::chrono::seconds(10)).left_over, IsEmpty());
}

}  // namespace
}  // namespace totpilot::e2e
