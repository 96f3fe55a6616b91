#include "tests/unit/page/page_test.h"

namespace totpilot::tests {
namespace {

using browser::FieldKind;
using browser::SecretKind;
using FillSecret = PageTest;

TEST_F(FillSecret, ReachesThePageOnlyByTheEventEvenIfItPatchedTheSetter) {
  open("/secret.html");

  fill_password(field(FieldKind::kPassword), "hunter2-hunter2");

  EXPECT_EQ(log(), "caught 0 before the event; it is 15 long");
}

TEST_F(FillSecret, GoesToThePinnedOriginOnly) {
  open("/secret.html");

  const Failure failure = failure_of(page().fill_secret(
      css("#password"), secret(SecretKind::kPassword, "hunter2", {"https://app.example", site().other_port()}),
      soon()));

  EXPECT_EQ(failure.code(), Outcome::kOriginBlocked);
  EXPECT_EQ(failure.message(), "cannot fill {css: \"#password\"}: it lies in " + site().origin() +
                                   ", and the secret may only go to https://app.example, " + site().other_port());
  EXPECT_EQ(log(), "");
}

TEST_F(FillSecret, RefusesAFieldWhoseFormGoesToAnOriginThatIsNotPinned) {
  for (const char* field :
       {"#sent-elsewhere", "#button-elsewhere", "#clobbered", "#button-outside", "#image-outside", "#framed-base"}) {
    open("/form-elsewhere.html");

    const Failure failure =
        failure_of(page().fill_secret(css(field), secret(SecretKind::kPassword, "hunter2"), soon()));

    EXPECT_EQ(failure.code(), Outcome::kOriginBlocked) << field;
    EXPECT_NE(failure.message().find("its form goes to http://elsewhere.example"), std::string::npos)
        << failure.message();
  }
}

TEST_F(FillSecret, FillsAFieldWhoseFormGoesToAPinnedOriginOrNowhere) {
  open("/form-elsewhere.html");

  fill_password(css("#sent-here"), "hunter2");
  fill_password(css("#by-script"), "hunter2");
  fill_password(css("#beside-others"), "hunter2");
}

TEST_F(FillSecret, PutsAPasswordIntoPasswordFieldsOnly) {
  open("/secret.html");

  const Failure failure =
      failure_of(page().fill_secret(css("#user"), secret(SecretKind::kPassword, "hunter2"), soon()));

  EXPECT_EQ(failure.code(), Outcome::kPageChanged);
  EXPECT_NE(failure.message().find("a password goes into password fields only: <input type=text #user>"),
            std::string::npos)
      << failure.message();
}

TEST_F(FillSecret, PutsACodeIntoCodeFieldsOnly) {
  open("/secret.html");

  const Failure failure = failure_of(page().fill_secret(css("#mail"), secret(SecretKind::kCode, "123456"), soon()));

  EXPECT_NE(failure.message().find("a code goes into code fields only: <input type=email #mail>"), std::string::npos)
      << failure.message();
}

TEST_F(FillSecret, AcceptsAPasswordFieldThatWasToggledBetweenTheLookAndTheFill) {
  open("/secret.html");
  auto shown_first = [this]() -> task<browser::BoundSecret> {
    co_await page().click(css("#eye"), soon());
    auto give = secret(SecretKind::kPassword, "hunter2");
    co_return co_await give();
  };

  run(page().fill_secret(css("#password"), shown_first, soon()));

  EXPECT_EQ(log(), "caught 0 before the event; it is 7 long");
}

TEST_F(FillSecret, AsksForTheSecretOnlyWhenTheFieldIsReady) {
  open("/secret.html");

  const Failure failure =
      failure_of(page().fill_secret(css("#nothing"), secret(SecretKind::kCode, "123456"), shortly()));

  EXPECT_EQ(failure.code(), Outcome::kPageChanged);
  EXPECT_EQ(supplied_, 0);
}

TEST_F(FillSecret, EndsWithWhatTheSupplierThrows) {
  open("/secret.html");
  auto throwing = []() -> task<browser::BoundSecret> {
    throw Failure(Outcome::kVaultSealed, "the vault is sealed");
    co_return browser::BoundSecretForTests::make(SecretKind::kCode, "", {});
  };

  EXPECT_EQ(failure_of(page().fill_secret(css("#code"), throwing, soon())).code(), Outcome::kVaultSealed);
}

TEST_F(FillSecret, TakesACodeFieldThatEmptiesItselfForOneThatWentOn) {
  open("/secret.html");

  fill_code(field(FieldKind::kCode), "123456");

  EXPECT_EQ(log(), "code 123456");
}

TEST_F(FillSecret, DoesNotTakeAPasswordFieldThatEmptiesItself) {
  open("/secret.html");

  const Failure failure =
      failure_of(page().fill_secret(css("#emptying"), secret(SecretKind::kPassword, "hunter2"), soon()));

  EXPECT_NE(failure.message().find("emptied itself"), std::string::npos) << failure.message();
}

TEST_F(FillSecret, ReadsAPasswordBackToTheLastCharacterAndACodeWithoutItsGroups) {
  open("/secret.html");

  const Failure failure =
      failure_of(page().fill_secret(css("#trimming"), secret(SecretKind::kPassword, "hunter 2-"), soon()));
  fill_code(css("#grouping"), "123456");

  EXPECT_NE(failure.message().find("holds something else"), std::string::npos) << failure.message();
}

TEST_F(FillSecret, SucceedsWhenThePageSubmitsByItselfAndLeaves) {
  open("/leaves.html");

  fill_code(field(FieldKind::kCode), "123456");
  wait_for_log("code=123456");

  EXPECT_EQ(supplied_, 1);
}

TEST_F(FillSecret, AsksAgainWhenThePageWasReplacedBeforeAnythingWasTyped) {
  open("/secret.html");
  auto reloading = [this]() -> task<browser::BoundSecret> {
    if (supplied_ == 0) (void)co_await page().open(site().origin() + "/secret.html", soon());
    auto give = secret(SecretKind::kPassword, "hunter2");
    co_return co_await give();
  };

  run(page().fill_secret(css("#password"), reloading, soon()));

  EXPECT_EQ(supplied_, 2);
  EXPECT_EQ(log(), "caught 0 before the event; it is 7 long");
}

TEST_F(FillSecret, FailsClosedWhenThePageWentToAnotherOriginMeanwhile) {
  open("/secret.html");
  auto straying = [this]() -> task<browser::BoundSecret> {
    if (supplied_ == 0) (void)co_await page().open(site().other_site() + "/secret.html", soon());
    auto give = secret(SecretKind::kPassword, "hunter2");
    co_return co_await give();
  };

  EXPECT_EQ(failure_of(page().fill_secret(css("#password"), straying, soon())).code(), Outcome::kOriginBlocked);
  EXPECT_EQ(log(), "");
}

}  // namespace
}  // namespace totpilot::tests
