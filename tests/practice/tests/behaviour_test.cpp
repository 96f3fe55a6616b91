// Each behaviour does what its table says; those that live in page scripts alone are met by tests/e2e in a real
// browser.
#include "tests/practice/behaviour.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/practice/oath.h"
#include "tests/practice/site.h"
#include "tests/practice/tests/alice.h"
#include "tests/practice/tests/visitor.h"

namespace totpilot::practice {
namespace {

using enum Behaviour;

constexpr const char* kGate = "/account/security/recovery-codes/saved";

struct PracticeBehaviour : testing::Test {
  void start(Behaviours behaviours) {
    SiteOptions options;
    options.behaviours = behaviours;
    options.wrong_tries_allowed = 2;
    options.users.push_back({.name = kUser, .password = kPassword, .behaviours = {}, .live_secret = {}});
    site.emplace(std::move(options));
    site->start();
    visitor.emplace(site->base_url());
    visitor->sign_in(kUser, kPassword);
  }

  UserRecord user() const { return site->ledger().users.at(kUser); }

  std::optional<Site> site;
  std::optional<Visitor> visitor;
};

TEST(PracticeBehaviourNames, AreDistinctAndFoundAgain) {
  std::set<std::string_view> names;
  for (const BehaviourInfo& info : all_behaviours()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_EQ(behaviour_from_name(info.name), info.behaviour);
  }
  EXPECT_EQ(behaviour_from_name("no-such-thing"), std::nullopt);
}

TEST_F(PracticeBehaviour, KeepsThePendingSecretUnlessToldToRotate) {
  start({});
  EXPECT_EQ(visitor->open_enrolment(), visitor->open_enrolment());
}

TEST_F(PracticeBehaviour, RotatesOnOpen) {
  start({kRotatesOnOpen});
  EXPECT_NE(visitor->open_enrolment(), visitor->open_enrolment());
  EXPECT_EQ(user().shown_secrets.size(), 2U);
}

TEST_F(PracticeBehaviour, RotatesOnAWrongCode) {
  start({kRotatesOnWrongCode});
  const std::string secret = visitor->open_enrolment();
  visitor->post(kEnroll, {{"code", "no code"}});
  EXPECT_NE(user().pending_secret, secret);
  EXPECT_TRUE(visitor->send_code(kEnroll, secret, site->now()).shows("not right"));
}

TEST_F(PracticeBehaviour, RotatesAfterSuccess) {
  start({kRotatesAfterSuccess});
  const std::string secret = visitor->open_enrolment();
  visitor->send_code(kEnroll, secret, site->now());
  EXPECT_TRUE(user().mfa_enabled);
  EXPECT_FALSE(site->accepts(kUser, secret));
}

TEST_F(PracticeBehaviour, TurnsOnAtOpen) {
  start({kTurnsOnAtOpen});
  EXPECT_TRUE(site->accepts(kUser, visitor->open_enrolment()));
}

TEST_F(PracticeBehaviour, TurnsOnAtTheLastButtonOnly) {
  start({kTurnsOnAtLastButton});
  visitor->send_code(kEnroll, visitor->open_enrolment(), site->now());
  EXPECT_FALSE(user().mfa_enabled);
  visitor->post(kGate, {{"saved", "1"}});
  EXPECT_TRUE(user().mfa_enabled);
}

TEST_F(PracticeBehaviour, FailsAfterEnabling) {
  start({kFailsAfterEnabling});
  EXPECT_EQ(visitor->send_code(kEnroll, visitor->open_enrolment(), site->now()).status, 500U);
  EXPECT_TRUE(user().mfa_enabled);
}

TEST_F(PracticeBehaviour, DropsTheConnectionAfterEnabling) {
  start({kDropsAfterEnabling});
  EXPECT_TRUE(visitor->send_code(kEnroll, visitor->open_enrolment(), site->now()).lost);
  EXPECT_TRUE(user().mfa_enabled);
}

TEST_F(PracticeBehaviour, AcceptsReusedCodes) {
  start({kAcceptsReusedCodes});
  const std::string secret = visitor->open_enrolment();
  const Time now = site->now();
  visitor->send_code(kEnroll, secret, now);
  visitor->get("/account/security/disable");
  visitor->send_code("/account/security/disable", secret, now);
  EXPECT_FALSE(user().mfa_enabled);
}

TEST_F(PracticeBehaviour, AcceptsTheCurrentWindowOnly) {
  start({kCurrentWindowOnly});
  const std::string secret = visitor->open_enrolment();
  visitor->send_code(kEnroll, secret, site->now() + std::chrono::seconds(30));
  EXPECT_FALSE(user().mfa_enabled);
}

TEST_F(PracticeBehaviour, SaysItsSchemeInTheUriOnly) {
  start({kSha256, kEightDigits, kSixtySeconds, kKeyOnlyInAttribute});
  const Answer page = visitor->get(kEnroll);
  EXPECT_TRUE(page.shows("algorithm=SHA256&amp;digits=8&amp;period=60"));
  EXPECT_FALSE(page.shows("totp-key"));
  EXPECT_FALSE(page.shows("<img"));
  const CodeScheme scheme{.hash = CodeScheme::Hash::kSha256, .digits = 8, .period = 60};
  visitor->post(kEnroll, {{"code", code_for(user().pending_secret, window_at(site->now(), scheme), scheme)}});
  EXPECT_TRUE(user().mfa_enabled);
}

TEST_F(PracticeBehaviour, ShowsTheQrInTheFormAskedFor) {
  const std::map<Behaviour, std::string> forms{
      {kQrCanvas, "<canvas"}, {kQrSvg, "<svg"}, {kQrBackground, "background-image"}};
  for (const auto& [behaviour, mark] : forms) {
    start({behaviour});
    const Answer page = visitor->get(kEnroll);
    EXPECT_TRUE(page.shows(mark)) << behaviour_name(behaviour);
    EXPECT_FALSE(page.shows("<img")) << behaviour_name(behaviour);
  }
}

TEST_F(PracticeBehaviour, PutsTheSecretIntoATemplateForAClosedRoot) {
  start({kClosedShadowRoot});
  EXPECT_TRUE(visitor->get(kEnroll).shows("<div data-closed><template>"));
}

TEST_F(PracticeBehaviour, HasNoRecoveryCodesWhenToldSo) {
  start({kNoRecoveryCodes});
  EXPECT_EQ(visitor->send_code(kEnroll, visitor->open_enrolment(), site->now()).location,
            "/account/security?done=set-up");
  EXPECT_TRUE(user().recovery_codes.empty());
}

TEST_F(PracticeBehaviour, ShowsRecoveryCodesOnTheSetUpPage) {
  start({kRecoveryCodesFirst});
  const Answer page = visitor->get(kEnroll);
  EXPECT_TRUE(page.shows(user().recovery_codes.at(9)));
  EXPECT_FALSE(user().mfa_enabled);
}

TEST_F(PracticeBehaviour, GivesRecoveryCodesAsAFileOnce) {
  start({kRecoveryCodesByDownload});
  visitor->send_code(kEnroll, visitor->open_enrolment(), site->now());
  EXPECT_FALSE(visitor->get("/account/security/recovery-codes").shows(user().recovery_codes.at(0)));
  EXPECT_TRUE(visitor->get("/account/security/recovery-codes.txt").shows(user().recovery_codes.at(0)));
  EXPECT_EQ(visitor->get("/account/security/recovery-codes.txt").status, 410U);
}

TEST_F(PracticeBehaviour, LocksTheAccountAfterWrongPasswords) {
  start({kLocksOut});
  for (int i = 0; i < 2; ++i) Visitor(site->base_url()).sign_in(kUser, "wrong");
  EXPECT_TRUE(Visitor(site->base_url()).sign_in(kUser, kPassword).shows("locked"));
  EXPECT_TRUE(user().locked);
}

TEST_F(PracticeBehaviour, AsksForThePasswordBeforeTheSettings) {
  start({kAsksPasswordAgain});
  EXPECT_EQ(visitor->get(kEnroll).location, "/account/password?next=/account/security/enroll");
  visitor->get("/account/password?next=/account/security/enroll");
  EXPECT_TRUE(visitor->post("/account/password", {{"password", "wrong"}, {"next", kEnroll}}).shows("Wrong password"));
  EXPECT_EQ(visitor->post("/account/password", {{"password", kPassword}, {"next", kEnroll}}).location, kEnroll);
  EXPECT_EQ(visitor->get(kEnroll).status, 200U);
}

TEST_F(PracticeBehaviour, MailsACodeThatIsTakenOnceAfterThePassword) {
  start({kMailsACode});
  EXPECT_EQ(visitor->get("/").location, "/login") << "the password alone is not enough";
  EXPECT_TRUE(visitor->get("/login/mailed").shows("Code from the e-mail"));
  EXPECT_TRUE(visitor->post("/login/mailed", {{"code", "nonsense"}}).shows("That code is not right"));
  const std::string mailed = user().mailed_code;
  EXPECT_EQ(mailed.size(), 6U);
  EXPECT_EQ(visitor->post("/login/mailed", {{"code", mailed}}).location, "/");
  EXPECT_EQ(visitor->get("/").status, 200U);
  EXPECT_TRUE(user().mailed_code.empty());
}

TEST_F(PracticeBehaviour, ShowsTheStatesOfAnAccount) {
  start({});
  EXPECT_TRUE(visitor->get("/account/security").shows("Set up authenticator app"));
  site->set_behaviours({kOtherMethodOn});
  EXPECT_TRUE(visitor->get("/account/security").shows("Security key"));
  site->set_behaviours({kTotpNotOffered});
  EXPECT_TRUE(visitor->get("/account/security").shows("not available"));
  site->set_behaviours({kSettingsForbidden});
  EXPECT_EQ(visitor->get("/account/security").status, 403U);
}

TEST_F(PracticeBehaviour, HasMfaOnFromTheStart) {
  start({kMfaOn});
  EXPECT_TRUE(user().mfa_enabled);
  EXPECT_EQ(visitor->get("/").location, "/login");
}

TEST_F(PracticeBehaviour, TurnsAwayRobotsAndCrowds) {
  start({kCaptcha});
  EXPECT_EQ(site->ledger().logins.back().verdict, LoginVerdict::kCaptchaMissing);
  start({kRateLimits});
  EXPECT_EQ(visitor->sign_in(kUser, kPassword).status, 429U);
}

TEST_F(PracticeBehaviour, AppliesToOneUserOnly) {
  start({});
  site->add_user({.name = "bob", .password = "b", .behaviours = {kOtherMethodOn}, .live_secret = {}});
  Visitor bob(site->base_url());
  bob.sign_in("bob", "b");
  EXPECT_TRUE(bob.get("/account/security").shows("Security key"));
  EXPECT_FALSE(visitor->get("/account/security").shows("Security key"));
}

}  // namespace
}  // namespace totpilot::practice
