#include "tests/unit/page/page_test.h"

namespace totpilot::tests {
namespace {

using Waiting = PageTest;

TEST_F(Waiting, TellsWhichConditionHeldFirst) {
  open("/wait.html");

  EXPECT_EQ(run(page().wait_for({shows(css("#nothing")), hides(css("#spinner")), shows(css("#never"))}, soon())), 1U);
}

TEST_F(Waiting, SeesWhatOnlyAStyleSheetShows) {
  open("/wait.html");

  EXPECT_EQ(run(page().wait_for({shows(css("#error"))}, soon())), 0U);
}

TEST_F(Waiting, SurvivesANavigation) {
  open("/wait.html");
  click(css("#go"));

  run(page().wait_for({shows(role("heading", "Arrived"))}, soon()));

  EXPECT_EQ(page().url(), site().origin() + "/arrived.html?late");
}

TEST_F(Waiting, MatchesAddressesBelowTheBaseUrlWithoutTheirQuery) {
  open("/wait.html");
  click(css("#within"));

  EXPECT_EQ(run(page().wait_for({at("/app/home"), at("/app/*"), at("/app/home/**")}, soon())), 2U);
  EXPECT_EQ(run(page().wait_for({at("/app/*/start")}, soon())), 0U);
  EXPECT_EQ(run(page().wait_for({at("http://*/app/home/start")}, soon())), 0U);
}

struct Match {
  const char* pattern;
  const char* path;
  bool matches;
};

TEST_F(Waiting, ReadsAPatternTokenByToken) {
  constexpr std::array<Match, 16> kMatches = {{
      {"/login", "/login", true},
      {"/login", "/login/", true},
      {"/login", "/login.php", false},
      {"/login.*", "/login.php", true},
      {"/login.*", "/loginxphp", false},
      {"/login.*", "/login.php/more", false},
      {"/login.**", "/login.php/more", true},
      {"/(a)*", "/(a)b", true},
      {"/a*b", "/a-b", true},
      {"/a*b", "/a/b", false},
      {"/*/b", "/a/b", true},
      {"/a/**", "/a", true},
      {"/a/**", "/a/b/c", true},
      {"/a/**", "/ab", false},
      {"/a/**/d", "/a/b/c/d", true},
      {"/a+b", "/aab", false},
  }};
  for (const Match& each : kMatches) {
    open(each.path);

    EXPECT_EQ(run(page().wait_for({at(each.pattern), at("http:**")}, soon())), each.matches ? 0U : 1U)
        << each.pattern << " " << each.path;
  }
}

TEST_F(Waiting, HoldsAllPartsOfACondition) {
  open("/wait.html");
  browser::Condition both = shows(role("heading", "Waiting room"));
  both.url = "/elsewhere";

  const Failure failure = failure_of(page().wait_for({both}, shortly()));

  EXPECT_EQ(failure.code(), Outcome::kPageChanged);
  EXPECT_NE(failure.message().find("the address is " + site().origin() + "/wait.html"), std::string::npos)
      << failure.message();
}

TEST_F(Waiting, TellsWhatIsThereInsteadWithoutItsSecrets) {
  open("/wait.html");
  run(page().wait_for({shows(css("#error"))}, soon()));

  const Failure failure =
      failure_of(page().click(by(browser::Locator::Kind::kText, "Wrong password, friend"), shortly()));

  EXPECT_NE(failure.message().find("Wrong password, dear [masked]"), std::string::npos) << failure.message();
}

using Opening = PageTest;

TEST_F(Opening, TellsStatusAndAddress) {
  const auto arrival = run(page().open(site().origin() + "/redirect?to=/status/403", soon()));

  EXPECT_EQ(arrival.status, 403);
  EXPECT_EQ(arrival.url, site().origin() + "/status/403");
}

TEST_F(Opening, TakesAnAddressBelowTheBaseUrl) {
  EXPECT_EQ(run(page().open("/buttons.html", soon())).url, site().origin() + "/buttons.html");
}

TEST_F(Opening, RefusesOtherSchemes) {
  for (const char* address :
       {"file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "chrome://version", "about:blank"}) {
    EXPECT_EQ(failure_of(page().open(address, soon())).code(), Outcome::kInvalidInput) << address;
  }
}

TEST_F(Opening, SaysThatNobodyAnswers) {
  const Failure failure = failure_of(page().open("http://127.0.0.1:1/login?token=x", soon()));

  EXPECT_EQ(failure.code(), Outcome::kAppUnreachable);
  EXPECT_EQ(failure.message(), "http://127.0.0.1:1/login does not answer (unsafe port)");
}

TEST_F(Opening, ReadsTheAppsClock) {
  open("/buttons.html");

  const auto time = run(page().server_time(soon()));

  ASSERT_TRUE(time);
  EXPECT_EQ(to_iso(time->at), "2026-11-24T10:15:30.000Z");
}

TEST_F(Opening, FindsNoClockOnABlankPage) { EXPECT_FALSE(run(page().server_time(soon()))); }

}  // namespace
}  // namespace totpilot::tests
