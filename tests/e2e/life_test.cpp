// The whole life of a factor, through the commands that a person uses.
#include <fstream>

#include "tests/e2e/practice_mission.h"
#include "tests/practice/tests/visitor.h"

namespace totpilot::e2e {
namespace {

using testing::ElementsAreArray;
using testing::IsEmpty;

/// The code that oathtool, which shares nothing with us, makes of a secret at a time.
std::string oathtool(const std::string& secret, practice::Time at) {
  const std::string now = fmt::format("@{}", std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
  Process process(
      {.arguments = {"/usr/bin/oathtool", "--totp", "-b", "--now", now, secret}, .environment = {}, .input = {}});
  const std::string said = process.finish(std::chrono::seconds(10)).out;
  return said.substr(0, said.find('\n'));
}

class Life : public PracticeMission {
 protected:
  std::string exported_secret() { return totpilot({"factor", "export", kAccount}).json.value("base32", ""); }

  std::vector<std::string> stored_recovery_codes() {
    std::vector<std::string> codes;
    const Reply shown = totpilot({"recovery-codes", kAccount, "show"});
    for (const auto& code : shown.json.value("recovery_codes", nlohmann::json::array()))
      codes.push_back(code.value("code", ""));
    return codes;
  }
};

TEST_F(Life, EnrollsProvesAndKeepsTheRecoveryCodes) {
  start();
  const Reply enrolled = totpilot({"enroll", kAccount});
  ASSERT_EQ(enrolled.outcome(), "ok") << enrolled.told();

  EXPECT_TRUE(user().mfa_enabled);
  EXPECT_EQ(exported_secret(), user().live_secret);
  EXPECT_THAT(stored_recovery_codes(), ElementsAreArray(user().recovery_codes));
  EXPECT_EQ(site->ledger().submits(Purpose::kEnrol), 1);
  EXPECT_EQ(site->ledger().submits(Purpose::kSignIn, CodeVerdict::kAccepted), 1)
      << "the proof is one login with a code";
  EXPECT_EQ(totpilot({"factor", "list", kAccount}).json["factors"][0]["state"], "live");
  expect_nothing_went_elsewhere();
}

TEST_F(Life, SignsInWithACodeAndExportsASessionThatIsSignedIn) {
  start();
  ASSERT_EQ(totpilot({"enroll", kAccount}).outcome(), "ok");
  const std::string file = (home.root() / "session.json").string();
  const Reply signed_in = totpilot({"login", kAccount, "--export", file});
  ASSERT_EQ(signed_in.outcome(), "ok") << signed_in.told();
  EXPECT_TRUE(signed_in.json.value("code_asked", false));

  const auto state = nlohmann::json::parse(std::ifstream(file));
  practice::Visitor visitor(site->base_url());
  for (const auto& cookie : state.at("cookies")) visitor.set_cookie(cookie.at("name"), cookie.at("value"));
  EXPECT_TRUE(visitor.get("/").shows("with password and code"));
}

TEST_F(Life, PrintsTheCodeThatOathtoolMakes) {
  start();
  ASSERT_EQ(totpilot({"enroll", kAccount}).outcome(), "ok");
  const std::string secret = exported_secret();
  const practice::Time before = site->now();
  const Reply code = totpilot({"code", kAccount});
  const practice::Time after = site->now();
  const std::string said = code.json.value("code", "");
  EXPECT_TRUE(said == oathtool(secret, before) || said == oathtool(secret, after)) << code.told();
}

TEST_F(Life, TurnsMfaOffAndOnAgainWithoutUsingAnyCodeTwice) {
  start();
  ASSERT_EQ(totpilot({"enroll", kAccount}).outcome(), "ok");
  const std::string first = exported_secret();
  const Reply disabled = totpilot({"disable", kAccount, "--yes"});
  ASSERT_EQ(disabled.outcome(), "ok") << disabled.told();
  EXPECT_FALSE(user().mfa_enabled);

  const Reply again = totpilot({"enroll", kAccount});
  ASSERT_EQ(again.outcome(), "ok") << again.told();
  EXPECT_TRUE(user().mfa_enabled);
  EXPECT_NE(exported_secret(), first);
  for (const practice::CodeSubmit& submit : site->ledger().codes)
    EXPECT_EQ(submit.verdict, CodeVerdict::kAccepted) << submit.window;
}

TEST_F(Life, ARestoredSecretThatTheAppHasReplacedIsToldFromTheOneInPlaceAndByACheck) {
  start();
  ASSERT_EQ(totpilot({"enroll", kAccount}).outcome(), "ok");
  const std::string backup = (home.root() / "one.backup").string();
  ASSERT_EQ(totpilot({"backup", backup}).outcome(), "ok");
  ASSERT_EQ(totpilot({"disable", kAccount, "--yes"}).outcome(), "ok");
  ASSERT_EQ(totpilot({"enroll", kAccount}).outcome(), "ok");

  const Reply restored = totpilot({"restore", backup, "--set-aside"});
  ASSERT_EQ(restored.outcome(), "ok") << restored.told();
  EXPECT_EQ(restored.json["age"]["other_factor_here"], nlohmann::json::array({kAccount})) << restored.told();
  const Reply checked = totpilot({"check", kAccount});

  EXPECT_EQ(checked.outcome(), "code_rejected") << checked.told();
  EXPECT_THAT(checked.json.value("hint", ""), testing::HasSubstr("older backup")) << checked.told();
  EXPECT_TRUE(user().mfa_enabled);
  EXPECT_EQ(totpilot({"factor", "list", kAccount}).json["factors"][0]["state"], "live") << "nothing was lost";
  EXPECT_TRUE(std::filesystem::exists(restored.json.value("set_aside", "") + "/totpilot.db"));
}

TEST_F(Life, HandsOutARecoveryCodeThatTheAppTakesOnce) {
  start();
  ASSERT_EQ(totpilot({"enroll", kAccount}).outcome(), "ok");
  const Reply used = totpilot({"recovery-codes", kAccount, "use"});
  ASSERT_EQ(used.outcome(), "ok") << used.told();
  EXPECT_EQ(used.json.value("left", -1), 9);

  practice::Visitor visitor(site->base_url());
  visitor.sign_in(kUser, password);
  visitor.get("/login/code");
  EXPECT_EQ(visitor.post("/login/code", {{"code", used.json.value("code", "")}}).location, "/");
}

TEST_F(Life, DoesNotTouchAnAccountThatIsEnrolledAlready) {
  start();
  ASSERT_EQ(totpilot({"enroll", kAccount}).outcome(), "ok");
  const std::string secret = user().live_secret;
  const Reply again = totpilot({"enroll", kAccount});
  EXPECT_EQ(again.outcome(), "ok") << again.told();
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_TRUE(again.json.value("already_on", false));
  EXPECT_EQ(user().live_secret, secret);
  EXPECT_EQ(user().times_enabled, 1);
}

}  // namespace
}  // namespace totpilot::e2e
