// The practice site's own promises: what it does is what its ledger says.
#include "tests/practice/site.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "tests/practice/oath.h"
#include "tests/practice/tests/alice.h"
#include "tests/practice/tests/visitor.h"

namespace totpilot::practice {
namespace {

using enum Behaviour;

constexpr const char* kDisable = "/account/security/disable";

SiteOptions options_with(Behaviours behaviours) {
  SiteOptions options;
  options.behaviours = behaviours;
  options.users.push_back({.name = kUser, .password = kPassword, .behaviours = {}, .live_secret = {}});
  return options;
}

/// A started site and somebody who is signed in there.
struct PracticeSite : testing::Test {
  void start(Behaviours behaviours) { start_with(options_with(behaviours)); }

  void start_with(SiteOptions options) {
    site.emplace(std::move(options));
    site->start();
    visitor.emplace(site->base_url());
    visitor->sign_in(kUser, kPassword);
  }

  /// Takes the next window, as somebody would who waits for it: the site accepts one ahead.
  Time next_window() const { return site->now() + std::chrono::seconds(30); }
  UserRecord user() const { return site->ledger().users.at(kUser); }

  std::string enroll() {
    const std::string secret = visitor->open_enrolment();
    visitor->send_code(kEnroll, secret, site->now());
    return secret;
  }

  std::optional<Site> site;
  std::optional<Visitor> visitor;
};

TEST_F(PracticeSite, SignsInWithTheRightPasswordOnly) {
  start({});
  EXPECT_TRUE(visitor->get("/").shows("signed in as <strong data-testid=\"signed-in-user\">alice"));

  Visitor other(site->base_url());
  EXPECT_TRUE(other.sign_in(kUser, "wrong").shows("Wrong user name or password"));
  EXPECT_EQ(other.get("/").location, "/login");
  EXPECT_EQ(site->ledger().logins.back().verdict, LoginVerdict::kWrongPassword);
}

TEST_F(PracticeSite, RefusesAFormWithoutItsToken) {
  start({});
  EXPECT_EQ(visitor->post("/logout", {{"_token", "forged"}}).status, 403U);
  EXPECT_EQ(visitor->get("/").status, 200U);
}

TEST_F(PracticeSite, TurnsMfaOnWithACodeOfTheSecretItShows) {
  start({});
  const std::string secret = visitor->open_enrolment();
  EXPECT_FALSE(user().mfa_enabled);
  EXPECT_EQ(user().pending_secret, secret);
  EXPECT_FALSE(site->accepts(kUser, secret));

  EXPECT_EQ(visitor->send_code(kEnroll, secret, site->now()).location, "/account/security/recovery-codes");

  EXPECT_TRUE(user().mfa_enabled);
  EXPECT_EQ(user().live_secret, secret);
  EXPECT_TRUE(site->accepts(kUser, secret));
  EXPECT_FALSE(site->accepts(kUser, new_secret()));
  EXPECT_EQ(site->ledger().submits(Purpose::kEnrol, CodeVerdict::kAccepted), 1);
}

TEST_F(PracticeSite, KeepsMfaOffAfterAWrongCode) {
  start({});
  const std::string secret = visitor->open_enrolment();
  EXPECT_TRUE(visitor->send_code(kEnroll, new_secret(), site->now()).shows("That code is not right"));
  EXPECT_FALSE(user().mfa_enabled);
  EXPECT_EQ(user().pending_secret, secret);
  EXPECT_EQ(site->ledger().submits(Purpose::kEnrol, CodeVerdict::kWrong), 1);
}

TEST_F(PracticeSite, ShowsTenRecoveryCodesOnce) {
  start({});
  enroll();
  const Answer first = visitor->get("/account/security/recovery-codes");
  EXPECT_TRUE(first.shows(user().recovery_codes.front()));
  EXPECT_EQ(user().recovery_codes.size(), 10U);
  EXPECT_FALSE(visitor->get("/account/security/recovery-codes").shows(user().recovery_codes.front()));
  EXPECT_EQ(visitor->post("/account/security/recovery-codes/saved", {}).location, "/account/security/recovery-codes");
  EXPECT_EQ(visitor->post("/account/security/recovery-codes/saved", {{"saved", "1"}}).location,
            "/account/security?done=set-up");
}

TEST_F(PracticeSite, AsksForACodeAtSignInAndRefusesASpentOneAcrossPurposes) {
  start({});
  const std::string secret = enroll();
  const Time enrolled_at = site->ledger().codes.back().at;

  Visitor later(site->base_url());
  EXPECT_EQ(later.sign_in(kUser, kPassword).location, "/login/code");
  EXPECT_EQ(later.get("/").location, "/login");
  later.get("/login/code");
  EXPECT_TRUE(later.send_code("/login/code", secret, enrolled_at).shows("used before"));
  EXPECT_EQ(site->ledger().codes.back().verdict, CodeVerdict::kReused);
  EXPECT_EQ(later.send_code("/login/code", secret, next_window()).location, "/");
  EXPECT_TRUE(later.get("/").shows("with password and code"));
  EXPECT_EQ(user().spent_windows.size(), 2U);
}

TEST_F(PracticeSite, TakesARecoveryCodeOnce) {
  start({});
  enroll();
  const std::string code = user().recovery_codes.at(3);
  for (const CodeVerdict verdict : {CodeVerdict::kAcceptedRecoveryCode, CodeVerdict::kWrong}) {
    Visitor later(site->base_url());
    later.sign_in(kUser, kPassword);
    later.get("/login/code");
    later.post("/login/code", {{"code", code}});
    EXPECT_EQ(site->ledger().codes.back().verdict, verdict);
  }
  EXPECT_EQ(user().recovery_codes.size(), 9U);
}

TEST_F(PracticeSite, TurnsMfaOffForAFreshCode) {
  start({});
  const std::string secret = enroll();
  visitor->get(kDisable);
  EXPECT_TRUE(visitor->send_code(kDisable, secret, site->ledger().codes.back().at).shows("used before"));
  EXPECT_TRUE(user().mfa_enabled);
  EXPECT_EQ(visitor->send_code(kDisable, secret, next_window()).location, "/account/security?done=turned-off");
  EXPECT_FALSE(user().mfa_enabled);
  EXPECT_FALSE(site->accepts(kUser, secret));
}

TEST_F(PracticeSite, WritesDownWhereFormsCameFrom) {
  start({});
  visitor->set_origin("http://evil.example");
  visitor->sign_in(kUser, kPassword);
  EXPECT_TRUE(site->ledger().origins.contains("http://evil.example"));
  EXPECT_TRUE(site->ledger().origins.contains(site->base_url()));
}

TEST_F(PracticeSite, TellsItsSkewedTimeInTheDateHeaderAndJudgesCodesByIt) {
  SiteOptions options = options_with({kCurrentWindowOnly});
  options.clock_file = (std::filesystem::temp_directory_path() / fmt::format("practice-clock-{}", getpid())).string();
  std::ofstream(options.clock_file, std::ios::binary).write("\0\0\0\0\0\0\0", 8);
  options.skew = std::chrono::seconds(3600);
  const std::string clock_file = options.clock_file;
  start_with(std::move(options));

  const Time system = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  EXPECT_GE(site->now() - system, std::chrono::seconds(3600));
  const std::int64_t ahead = std::chrono::milliseconds(std::chrono::days(365)).count();
  std::fstream(clock_file, std::ios::binary | std::ios::in | std::ios::out)
      .write(reinterpret_cast<const char*>(&ahead), 8);
  EXPECT_GE(site->now() - system, std::chrono::days(365) + std::chrono::seconds(3600));
  const std::string year = fmt::format(
      "{}", static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(site->now())).year()));
  EXPECT_TRUE(visitor->get("/login").date.find(year) != std::string::npos);

  const std::string secret = visitor->open_enrolment();
  visitor->send_code(kEnroll, secret, system);
  EXPECT_FALSE(user().mfa_enabled);
  visitor->send_code(kEnroll, secret, site->now());
  EXPECT_TRUE(user().mfa_enabled);
  std::filesystem::remove(clock_file);
}

TEST_F(PracticeSite, HoldsAnAnswerAfterItsEffectUntilItIsReleased) {
  start({});
  const std::string secret = visitor->open_enrolment();
  site->hold("POST", kEnroll);
  auto answer = std::async(std::launch::async, [&] { return visitor->send_code(kEnroll, secret, site->now()); });
  ASSERT_TRUE(site->wait_until_held(std::chrono::seconds(10)));
  EXPECT_TRUE(user().mfa_enabled);
  EXPECT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  site->release();
  EXPECT_EQ(answer.get().status, 303U);
}

TEST_F(PracticeSite, ComesBackOnTheSamePortsWithWhatItKnew) {
  start({});
  const std::string url = site->base_url();
  site->stop();
  EXPECT_ANY_THROW(visitor->get("/"));
  site->start();
  EXPECT_EQ(site->base_url(), url);
  EXPECT_EQ(visitor->get("/").status, 200U);
}

TEST_F(PracticeSite, WritesDownEverythingThatTheOtherOriginIsSent) {
  start({kRedirectsLogin});
  EXPECT_EQ(Visitor(site->base_url()).get("/login").location, site->other_url() + "/login");
  Visitor lured(site->other_url());
  EXPECT_TRUE(lured.get("/login").shows("<h1>Sign in</h1>"));
  lured.post("/collect", {{"password", "given away"}});
  EXPECT_TRUE(site->ledger().elsewhere.back().body.find("given%20away") != std::string::npos);
}

}  // namespace
}  // namespace totpilot::practice
