#include "drivers/chrome/chrome_session.h"

#include "tests/unit/chrome/session_fixture.h"

namespace totpilot::chrome {
namespace {

using namespace std::chrono_literals;
using browser::DialogAnswer;
using nlohmann::json;

struct ChromeSessionTest : tests::SessionTest {
  ChromeSessionTest() {
    site.page("/", "<title>home</title><p>home");
    site.page("/popup", "<title>popup</title>");
  }
};

TEST_F(ChromeSessionTest, ShowsThePageTheSizeItWasAskedFor) {
  const auto usual = lease();
  open(usual, site.origin() + "/");
  EXPECT_EQ(eval(usual, "[innerWidth, innerHeight]"), json({1280, 900}));

  const auto small = lease({.width = 700, .height = 500});
  open(small, site.origin() + "/");
  EXPECT_EQ(eval(small, "[innerWidth, innerHeight]"), json({700, 500}));
}

TEST_F(ChromeSessionTest, BelievesToHaveTheFocus) {
  const auto session = lease();
  open(session, site.origin() + "/");

  EXPECT_EQ(eval(session, "document.hasFocus() && document.visibilityState === 'visible'"), true);
}

TEST_F(ChromeSessionTest, SpeaksTheLanguageAndIsWhoItWasToldToBe) {
  const auto session = lease({.language = "de-DE", .user_agent = "Totpilot/1"});
  open(session, site.origin() + "/");

  EXPECT_EQ(site.header("/", "User-Agent"), "Totpilot/1");
  EXPECT_EQ(site.header("/", "Accept-Language").substr(0, 5), "de-DE");
  EXPECT_EQ(eval(session, "[navigator.language, (0.5).toLocaleString()]"), json({"de-DE", "0,5"}));
}

TEST_F(ChromeSessionTest, RefusesALanguageThatIsNone) {
  EXPECT_EQ(outcome_of(port->lease({.base_url = site.origin(), .language = "no such language!"}, soon())),
            Outcome::kInvalidInput);
}

TEST_F(ChromeSessionTest, SharesNothingWithAnotherSession) {
  const auto first = lease();
  const auto second = lease();
  for (const auto* session : {&first, &second}) open(*session, site.origin() + "/");
  eval(first, "document.cookie = 'a=1; path=/', localStorage.setItem('k', 'v')");

  EXPECT_EQ(eval(second, "document.cookie + localStorage.length"), "0");
}

TEST_F(ChromeSessionTest, AnswersDialogsSoThatNothingStandsStill) {
  const auto session = lease();
  open(session, site.origin() + "/");

  EXPECT_EQ(eval(session, "[alert('x'), confirm('x'), prompt('x', 'p')]"), json({nullptr, false, nullptr}));
  session->answer_dialogs(DialogAnswer::kAccept);
  EXPECT_EQ(eval(session, "confirm('x')"), true);
  session->answer_dialogs(DialogAnswer::kDismiss);
  EXPECT_EQ(eval(session, "confirm('x')"), false);
}

TEST_F(ChromeSessionTest, AnswersDialogsOfFramesFromElsewhereToo) {
  site.page("/asks", "<script>parent.postMessage(String(confirm('x')), '*')</script>");
  site.page("/frames", "<script>onmessage = (e) => document.title = e.data</script><iframe src='" +
                           site.origin("localhost") + "/asks'></iframe>");
  const auto session = lease();
  open(session, site.origin() + "/frames");

  EXPECT_EQ(eval(session,
                 "new Promise((done) => { const look = () => document.title ? done(document.title) : setTimeout(look, "
                 "5); look(); })"),
            "false");
}

TEST_F(ChromeSessionTest, LeavesAPageThatAsksWhetherToStay) {
  const auto session = lease();
  open(session, site.origin() + "/");
  eval(session, "void (onbeforeunload = (e) => e.preventDefault())");

  open(session, site.origin() + "/popup");

  EXPECT_EQ(eval(session, "document.title"), "popup");
}

TEST_F(ChromeSessionTest, FollowsAPopupAndComesBack) {
  const auto session = lease();
  open(session, site.origin() + "/");
  const auto* first = &session->page();
  eval(session, "void open('/popup')");

  run(session->follow_new_page(soon()));
  EXPECT_NE(&session->page(), first);
  EXPECT_EQ(eval(session, "opener !== null"), true);

  run(session->return_to_first_page(soon()));
  EXPECT_EQ(&session->page(), first);
  EXPECT_EQ(eval(session, "document.title"), "home");
}

TEST_F(ChromeSessionTest, WaitsForAPopupThatIsStillToOpen) {
  const auto session = lease();
  open(session, site.origin() + "/");
  eval(session, "void setTimeout(() => open('/popup', '_blank', 'noopener'), 50)");

  run(session->follow_new_page(soon()));

  EXPECT_EQ(eval(session, "opener"), nullptr);
}

TEST_F(ChromeSessionTest, SaysThatNoPopupOpened) {
  const auto session = lease();

  EXPECT_EQ(outcome_of(session->follow_new_page(Deadline::after(50ms))), Outcome::kPageChanged);
}

TEST_F(ChromeSessionTest, AnswersDialogsOfAPopup) {
  site.page("/asking", "<script>alert('x'); document.title = 'answered'</script>");
  const auto session = lease();
  open(session, site.origin() + "/");
  eval(session, "void open('/asking')");
  run(session->follow_new_page(soon()));

  EXPECT_EQ(eval(session,
                 "new Promise((done) => { const look = () => document.title ? done(document.title) : setTimeout(look, "
                 "5); look(); })"),
            "answered");
}

TEST_F(ChromeSessionTest, FailsWhatIsPendingWhenTheRendererCrashes) {
  const auto session = lease();
  open(session, site.origin() + "/");
  auto pending = eval_task(inside(session).protocol(), "new Promise(() => {})");
  inside(session).protocol()->post("Page.crash", json::object());

  EXPECT_EQ(outcome_of(std::move(pending)), Outcome::kBrowserLost);
}

TEST_F(ChromeSessionTest, FailsWhatIsPendingWhenTheBrowserIsKilled) {
  const auto session = lease();
  open(session, site.origin() + "/");
  auto pending = eval_task(inside(session).protocol(), "new Promise(() => {})");
  ::kill(process(session).init(), SIGKILL);

  EXPECT_EQ(outcome_of(std::move(pending)), Outcome::kBrowserLost);
  EXPECT_EQ(outcome_of(eval_task(inside(session).protocol(), "1")), Outcome::kBrowserLost);
}

TEST_F(ChromeSessionTest, FailsWhatIsPendingWhenItIsClosed) {
  const auto session = lease();
  auto pending = eval_task(inside(session).protocol(), "new Promise(() => {})");

  run(session->close(soon()));

  EXPECT_EQ(outcome_of(std::move(pending)), Outcome::kBrowserLost);
}

TEST_F(ChromeSessionTest, GoesThroughTheProxyItWasGiven) {
  tests::LittleSite proxy;
  // What a proxy is asked for is the whole address.
  proxy.page("http://elsewhere.example/", "<title>by proxy</title>");
  proxy.page(site.origin() + "/", "<title>by proxy too</title>");
  const auto session = lease({.proxy = proxy.origin()});

  open(session, "http://elsewhere.example/");
  EXPECT_EQ(eval(session, "document.title"), "by proxy");
  open(session, site.origin() + "/");
  EXPECT_EQ(eval(session, "document.title"), "by proxy too");
}

struct BasicAuthTest : ChromeSessionTest {
  int asked = 0;

  BasicAuthTest() {
    site.handle("/guarded", [](const tests::LittleSite::Request& request, tests::LittleSite::Response& response) {
      if (request.headers.contains("authorization") &&
          request.headers.at("authorization") == "Basic bWU6cGFzc3dvcmQ=") {
        response.body = "<title>inside</title>";
        return;
      }
      response.status = 401;
      response.headers["WWW-Authenticate"] = "Basic realm=\"x\"";
      response.body = "<title>outside</title>";
    });
  }

  browser::SessionOptions with_password(std::string password, const std::string& pin) {
    return {.base_url = site.origin(),
            .basic_auth =
                browser::BasicAuth{"me", [this, password = std::move(password), pin]() -> task<browser::BoundSecret> {
                                     ++asked;
                                     co_return browser::BoundSecretForTests::make(
                                         browser::SecretKind::kPassword, password, {Origin::parse(pin).value()});
                                   }}};
  }
};

TEST_F(BasicAuthTest, GivesThePasswordToThePinnedOrigin) {
  const auto session = lease(with_password("password", site.origin()));

  open(session, site.origin() + "/guarded");

  EXPECT_EQ(eval(session, "document.title"), "inside");
}

TEST_F(BasicAuthTest, GivesItAfterAnImportToo) {
  const auto session = lease(with_password("password", site.origin()));
  const std::string state =
      R"({"origins":[{"origin":")" + site.origin() + R"(","localStorage":[{"name":"k","value":"v"}]}]})";
  run(session->import_state(Secret::copy_of(std::string_view(state)), soon()));

  open(session, site.origin() + "/guarded");

  EXPECT_EQ(eval(session, "document.title + localStorage.getItem('k')"), "insidev");
}

TEST_F(BasicAuthTest, GivesItToNoOtherOrigin) {
  const auto session = lease(with_password("password", "https://app.example"));

  open(session, site.origin() + "/guarded");

  EXPECT_EQ(eval(session, "document.title"), "outside");
}

TEST_F(BasicAuthTest, IsNotAskedByAnotherOriginAtAll) {
  const auto session = lease(with_password("password", site.origin()));

  const auto navigation =
      run(cdp::document::navigate(*inside(session).protocol(), site.origin("localhost") + "/guarded", soon()));

  EXPECT_EQ(asked, 0);
}

TEST_F(BasicAuthTest, GivesAWrongPasswordOnce) {
  const auto session = lease(with_password("wrong", site.origin()));

  open(session, site.origin() + "/guarded");

  EXPECT_EQ(eval(session, "document.title"), "outside");
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(site.requests("/guarded"), 2);
}

}  // namespace
}  // namespace totpilot::chrome
