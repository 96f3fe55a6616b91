// Canary secrets: whatever happens, no file, output, argument or environment holds a password, a secret, a recovery
// code or a code. (That the search finds a planted one is shown in harness/tests.)
#include "tests/e2e/practice_mission.h"

namespace totpilot::e2e {
namespace {

using testing::IsEmpty;
using enum Behaviour;

class Leaks : public PracticeMission {
 protected:
  /// All that is secret by now, as the site knows it. Codes are looked for in texts only: six digits turn up in any
  /// sealed file by chance.
  std::vector<Canary> canaries() const {
    std::vector<Canary> all{{"the password", password}};
    for (const std::string& secret : user().shown_secrets) all.push_back({"a TOTP secret", secret});
    for (const std::string& code : user().recovery_codes) all.push_back({"a recovery code", code});
    return all;
  }

  std::vector<Canary> canaries_with_codes() const {
    std::vector<Canary> all = canaries();
    for (const practice::CodeSubmit& submit : site->ledger().codes) all.push_back({"a code", submit.code});
    return all;
  }

  /// Runs enroll and looks at the arguments and environments of all its processes while the app's answer to the code is
  /// held back.
  Reply enroll_watched() {
    site->hold("POST", "/account/security/enroll");
    Process process(home.command({"enroll", kAccount}));
    EXPECT_TRUE(site->wait_until_held(std::chrono::seconds(60)));
    const std::string seen = process.arguments_and_environments();
    site->release();
    Reply run = Home::finish(process);
    EXPECT_THAT(find_in_text("arguments and environments", seen, canaries()), IsEmpty());
    EXPECT_THAT(run.left_over, IsEmpty());
    return run;
  }

  void expect_no_leaks(const Reply& run) const {
    EXPECT_THAT(find_in_text("standard output", run.out, canaries_with_codes()), IsEmpty());
    EXPECT_THAT(find_in_text("standard error", run.err, canaries_with_codes()), IsEmpty());
    EXPECT_THAT(find_in_files(home.root(), canaries()), IsEmpty());
  }
};

TEST_F(Leaks, AreNotLeftByASuccess) {
  start();
  const Reply run = enroll_watched();
  ASSERT_EQ(run.outcome(), "ok") << run.told();
  expect_no_leaks(run);
}

TEST_F(Leaks, AreNotLeftByAFailureWithASecretOnThePage) {
  start({kSha256, kNoQr});
  const Reply run = enroll_watched();
  ASSERT_EQ(run.outcome(), "code_rejected") << run.told();
  expect_no_leaks(run);
}

}  // namespace
}  // namespace totpilot::e2e
