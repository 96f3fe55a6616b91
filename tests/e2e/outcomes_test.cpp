// What is wrong ends in its outcome code and exit code, and nothing is lost or given away.
#include "tests/e2e/practice_mission.h"
#include "tests/practice/tests/visitor.h"

namespace totpilot::e2e {
namespace {

using testing::HasSubstr;
using enum Behaviour;

class Outcomes : public PracticeMission {
 protected:
  Outcomes() { home.set_environment("TOTPILOT_TIMEOUTS_STEP", "3s"); }

  /// Enrolls, and expects the outcome and that MFA is as it was.
  Reply expect_refusal(const std::string& outcome) {
    const bool was_on = user().mfa_enabled;
    Reply run = totpilot({"enroll", kAccount});
    EXPECT_EQ(run.outcome(), outcome) << run.told();
    EXPECT_NE(run.exit_code, 0);
    EXPECT_EQ(run.exit_code, run.json.value("exit_code", -1));
    EXPECT_EQ(user().mfa_enabled, was_on);
    expect_nothing_went_elsewhere();
    return run;
  }
};

TEST_F(Outcomes, BadCredentialsForAWrongPassword) {
  start();
  const std::string file = home.write_file("wrong", "not the password");
  ASSERT_EQ(totpilot({"account", "set", kAccount, "--password-file", file}).outcome(), "ok");
  expect_refusal("bad_credentials");
  EXPECT_EQ(site->ledger().logins.size(), 1U) << "a wrong password is not tried twice";
}

TEST_F(Outcomes, MfaAlreadyOnWhenSomebodyElseTurnedItOn) {
  start({kMfaOn});
  expect_refusal("mfa_already_on");
}

TEST_F(Outcomes, OtherMethodOn) {
  start({kOtherMethodOn});
  expect_refusal("other_method_on");
}

TEST_F(Outcomes, TotpNotOffered) {
  start({kTotpNotOffered});
  expect_refusal("totp_not_offered");
}

TEST_F(Outcomes, UnderpermissionedWhereTheSettingsAreClosed) {
  start({kSettingsForbidden});
  expect_refusal("underpermissioned");
}

TEST_F(Outcomes, SecretMismatchWhenQrAndKeyDisagree) {
  start({kQrDisagrees, kKeyInPlainSight});
  expect_refusal("secret_mismatch");
  EXPECT_EQ(site->ledger().submits(Purpose::kEnrol), 0);
}

TEST_F(Outcomes, CodeRejectedWhenTheAppWantsCodesOfAnotherKind) {
  start({kSha256, kNoQr});  // the key alone does not say so
  expect_refusal("code_rejected");
}

TEST_F(Outcomes, ClockSkewBeyondWhatIsCorrected) {
  practice::SiteOptions options;
  options.behaviours = {kCurrentWindowOnly};
  options.skew = std::chrono::minutes(10);
  start_with(std::move(options));
  expect_refusal("clock_skew");
  EXPECT_EQ(site->ledger().submits(Purpose::kEnrol), 0);
}

TEST_F(Outcomes, Captcha) {
  start({kCaptcha});
  expect_refusal("captcha");
}

TEST_F(Outcomes, RateLimited) {
  start({kRateLimits});
  expect_refusal("rate_limited");
}

TEST_F(Outcomes, LockedOut) {
  practice::SiteOptions options;
  options.behaviours = {kLocksOut};
  options.wrong_tries_allowed = 1;
  start_with(std::move(options));
  practice::Visitor(site->base_url()).sign_in(kUser, "wrong");
  expect_refusal("locked_out");
}

TEST_F(Outcomes, OriginBlockedWhenSignInRedirectsToALookAlike) {
  start({kRedirectsLogin});
  expect_refusal("origin_blocked");
}

TEST_F(Outcomes, OriginBlockedWhenTheFormPostsElsewhere) {
  start({kPostsElsewhere});
  expect_refusal("origin_blocked");
}

TEST_F(Outcomes, OriginBlockedWhenTheCodeIsAskedElsewhere) {
  start();
  ASSERT_EQ(totpilot({"enroll", kAccount}).outcome(), "ok");
  const std::size_t codes = site->ledger().codes.size();
  site->set_behaviours({kRedirectsMidway});
  const Reply run = totpilot({"login", kAccount});
  EXPECT_EQ(run.outcome(), "origin_blocked") << run.told();
  EXPECT_EQ(site->ledger().codes.size(), codes);
  expect_nothing_went_elsewhere();
}

TEST_F(Outcomes, AppUnreachable) {
  start();
  site->stop();
  const Reply run = totpilot({"enroll", kAccount});
  EXPECT_EQ(run.outcome(), "app_unreachable") << run.told();
}

TEST_F(Outcomes, PageChangedNamesTheStepItsPlaceAndWhatWasThere) {
  start();
  home.use_playbook(practice_playbook("outdated"));
  const Reply run = expect_refusal("page_changed");
  EXPECT_THAT(run.json["position"].value("file", ""), HasSubstr("outdated.yaml"));
  EXPECT_GT(run.json["position"].value("line", 0), 0);
  EXPECT_THAT(run.json.value("message", ""), HasSubstr("Activate the authenticator"));

  const std::filesystem::path report = run.json.value("report", "");
  ASSERT_TRUE(std::filesystem::exists(report / "report.json")) << run.told();
  EXPECT_THAT(find_in_files(report, {{"the link that stands there", "Set up authenticator app"}}),
              testing::Not(testing::IsEmpty()));
  const auto is_picture = [](const auto& entry) { return entry.path().extension() == ".png"; };
  EXPECT_TRUE(std::ranges::any_of(std::filesystem::directory_iterator(report), is_picture));
}

TEST_F(Outcomes, RecoveryCodesNotSavedLeavesMfaOnWithItsSecretInTheVault) {
  start();
  home.use_playbook(practice_playbook("other_codes"));
  const Reply run = totpilot({"enroll", kAccount});
  EXPECT_EQ(run.outcome(), "recovery_codes_not_saved") << run.told();
  EXPECT_TRUE(user().mfa_enabled);
  EXPECT_TRUE(nobody_is_locked_out());
}

TEST_F(Outcomes, ProofFailedWhenTheAppKeepsAnotherSecretThanItShowed) {
  start({kRotatesAfterSuccess});
  const Reply run = totpilot({"enroll", kAccount});
  EXPECT_EQ(run.outcome(), "proof_failed") << run.told();
  EXPECT_THAT(secrets_in_vault(), testing::Contains(user().shown_secrets.front()));
}

TEST_F(Outcomes, NoPlaybookForASelfManagedAccount) {
  start();
  home.use_playbook({});
  const std::string file = home.write_file("pw", password);
  ASSERT_EQ(
      totpilot({"account", "add", "by-hand", "--url", site->base_url(), "--username", kUser, "--password-file", file})
          .outcome(),
      "ok");
  EXPECT_EQ(totpilot({"enroll", "by-hand"}).outcome(), "no_playbook");
}

TEST_F(Outcomes, VaultMissingBeforeAnythingWasMade) {
  EXPECT_EQ(totpilot({"enroll", kAccount}).outcome(), "vault_missing");
}

}  // namespace
}  // namespace totpilot::e2e
