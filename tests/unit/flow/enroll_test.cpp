#include "tests/unit/flow/world.h"

namespace totpilot::flow {
namespace {

using fakes::Manners;
using testing::HasSubstr;

TEST(Enroll, TurnsMfaOnAndProvesItWithWhatTheVaultGivesBack) {
  World world;
  FlowContext context = world.context();

  const EnrollResult result = world.run(enroll(context));

  EXPECT_TRUE(world.app.mfa_on());
  EXPECT_TRUE(world.a_kept_secret_works());
  EXPECT_EQ(world.last_state(), "active");
  EXPECT_EQ(world.current_factor()->id, result.factor);
  EXPECT_EQ(world.current_factor()->state, store::FactorState::kLive);
  EXPECT_EQ(result.source, "qr+text");
  EXPECT_EQ(world.app.ledger.sign_ins, 2);
  EXPECT_EQ(world.app.ledger.setup_submits, 1);
}

TEST(Enroll, KeepsTheRecoveryCodesInTheAppsOrder) {
  World world;
  FlowContext context = world.context();

  const EnrollResult result = world.run(enroll(context));

  enrollment::RecoveryBook book(*world.store, *world.vault, world.clock);
  const auto rows = book.list(world.account.id);
  ASSERT_EQ(rows.size(), 10U);
  EXPECT_EQ(result.recovery_codes, 10);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(book.reveal(rows[i]).reveal(), world.app.codes()[i]);
}

TEST(Enroll, UsesNoWindowTwiceAndSaysWhatItWaitsFor) {
  World world;
  FlowContext context = world.context();

  world.run(enroll(context));

  EXPECT_EQ(world.app.ledger.reused_codes, 0);
  const auto waits = world.listener.of<Waiting>();
  ASSERT_EQ(waits.size(), 1U);
  EXPECT_THAT(waits[0].reason, HasSubstr("this window is used"));
}

TEST(Enroll, ReadsRecoveryCodesThatLookLikeTheSecretAndStandBesideIt) {
  World world("codes_before");
  world.app.manners.codes = Manners::Codes::kBefore;
  world.app.manners.base32_codes = true;
  world.app.manners.shows_qr = false;
  FlowContext context = world.context();

  const EnrollResult result = world.run(enroll(context));

  EXPECT_EQ(result.source, "text");
  EXPECT_EQ(result.recovery_codes, 10);
  EXPECT_TRUE(world.a_kept_secret_works());
}

TEST(Enroll, WorksWhereAGateAfterTheCodesTurnsMfaOn) {
  World world("gate");
  world.app.manners.codes = Manners::Codes::kGate;
  FlowContext context = world.context();

  const EnrollResult result = world.run(enroll(context));

  EXPECT_TRUE(world.app.mfa_on());
  EXPECT_EQ(result.recovery_codes, 10);
  EXPECT_EQ(world.last_state(), "active");
}

TEST(Enroll, NeedsNoRecoveryCodesWhereTheAppHasNone) {
  World world("no_codes");
  world.app.manners.codes = Manners::Codes::kNone;
  FlowContext context = world.context();

  const EnrollResult result = world.run(enroll(context));

  EXPECT_FALSE(result.codes_missing);
  EXPECT_EQ(world.last_state(), "active");
  EXPECT_EQ(world.enrollments().front().codes_mark, "none");
}

TEST(Enroll, PressesRevealOnlyWhenNothingIsToBeRead) {
  World world;
  world.app.manners.hides_key = true;
  world.app.manners.shows_qr = false;
  FlowContext context = world.context();

  const EnrollResult result = world.run(enroll(context));

  EXPECT_EQ(result.source, "text");
}

TEST(Enroll, ClosesWhatComesOverThePage) {
  World world;
  world.app.manners.banners = {"We use cookies", "Try our passkeys"};
  FlowContext context = world.context();

  world.run(enroll(context));

  EXPECT_EQ(world.last_state(), "active");
}

TEST(Enroll, AWatcherThatCannotBeHandledEndsTheRunInsteadOfWaitingForItself) {
  World world;
  world.app.manners.banners = {"We use cookies"};
  world.app.manners.banner_has_no_button = true;
  FlowContext context = world.context();

  EXPECT_EQ(world.failure_of(enroll(context)).code(), Outcome::kPageChanged);
  EXPECT_EQ(world.last_state(), "failed_safe");
}

TEST(Enroll, CorrectsTheCodesByTheAppsClock) {
  World world;
  world.app.manners.skew = std::chrono::seconds(-75);
  world.app.manners.windows_back = 0;
  FlowContext context = world.context();

  world.run(enroll(context));

  EXPECT_EQ(world.last_state(), "active");
  EXPECT_EQ(world.app.ledger.wrong_codes, 0);
}

TEST(Enroll, RefusesAClockThatIsTooFarOffBeforeAnythingIsOpened) {
  World world;
  world.app.manners.skew = std::chrono::minutes(10);
  FlowContext context = world.context();

  EXPECT_EQ(world.failure_of(enroll(context)).code(), Outcome::kClockSkew);
  EXPECT_EQ(world.app.ledger.setup_opened, 0);
  EXPECT_EQ(world.last_state(), "failed_safe");
}

TEST(Enroll, GoesOnOnceAClockThatWasTooFarOffIsSet) {
  World world;
  world.app.manners.skew = std::chrono::minutes(10);
  FlowContext wrong = world.context();
  world.failure_of(enroll(wrong));
  world.app.manners.skew = std::chrono::milliseconds(0);

  FlowContext right = world.context();
  EXPECT_FALSE(right.account.skew_measured);
  world.run(enroll(right));

  EXPECT_EQ(world.last_state(), "active");
}

TEST(Enroll, MeasuresAgainWhereTheLimitWasLoweredBelowTheKnownSkew) {
  World world;
  world.set_skew(std::chrono::seconds(60));
  FlowContext context = world.context();
  context.limits.skew_limit = std::chrono::seconds(30);
  world.run(enroll(context));
  EXPECT_EQ(world.last_state(), "active");
}

TEST(Enroll, ReportsASecretThatTextAndPictureDisagreeAboutAndSubmitsNothing) {
  World world;
  world.app.manners.shows_other_key = true;
  FlowContext context = world.context();

  const Failure failure = world.failure_of(enroll(context));

  EXPECT_EQ(failure.code(), Outcome::kSecretMismatch);
  EXPECT_THAT(failure.message(), HasSubstr("#qr"));
  EXPECT_THAT(failure.message(), HasSubstr("#key"));
  EXPECT_EQ(world.app.ledger.setup_submits, 0);
  EXPECT_EQ(world.last_state(), "failed_safe");
}

TEST(Enroll, HasNothingToDoWhereTheKeptSecretSignsIn) {
  World world;
  FlowContext first = world.context();
  const EnrollResult made = world.run(enroll(first));

  FlowContext second = world.context();
  const EnrollResult again = world.run(enroll(second));

  EXPECT_FALSE(made.already_on);
  EXPECT_TRUE(again.already_on);
  EXPECT_EQ(again.factor, made.factor);
  EXPECT_EQ(again.enrollment, made.enrollment);
  EXPECT_EQ(again.recovery_codes, 10);
  EXPECT_EQ(world.app.ledger.setup_submits, 1);
  EXPECT_EQ(world.last_state(), "failed_safe");
  EXPECT_FALSE(world.was_told("cut off"));
  EXPECT_TRUE(world.a_kept_secret_works());
}

TEST(Enroll, ProvesAConfirmedSecretThatSignsIn) {
  World world;
  FlowContext first = world.context();
  const FactorId factor = world.run(enroll(first)).factor;
  enrollment::FactorBook book(*world.store, *world.vault, world.clock);
  book.retire(world.account.id, enrollment::Lease{});
  book.confirm(factor);

  FlowContext second = world.context();
  EXPECT_TRUE(world.run(enroll(second)).already_on);
  EXPECT_EQ(world.current_factor()->state, store::FactorState::kLive);
}

TEST(Enroll, AnAppThatIsDownIsNoSetupThatWasCutOff) {
  World world;
  world.app.manners.down = true;
  FlowContext context = world.context();

  EXPECT_EQ(world.failure_of(enroll(context)).code(), Outcome::kAppUnreachable);
  EXPECT_FALSE(world.was_told("cut off"));
  EXPECT_FALSE(world.was_told("broke off"));
  EXPECT_TRUE(world.was_told("nothing had been changed at the app"));
}

TEST(Enroll, LeavesAnMfaAloneThatIsNotOurs) {
  World world;
  world.app.turn_on_elsewhere();
  FlowContext context = world.context();

  EXPECT_EQ(world.failure_of(enroll(context)).code(), Outcome::kMfaAlreadyOn);
  EXPECT_EQ(world.app.ledger.wrong_codes, 0);
}

TEST(Enroll, NamesAnotherMethod) {
  World world;
  world.app.manners.mfa_page_says = "other";
  FlowContext context = world.context();
  EXPECT_EQ(world.failure_of(enroll(context)).code(), Outcome::kOtherMethodOn);
}

TEST(Enroll, SaysThatTheAppOffersNoAuthenticator) {
  World world;
  world.app.manners.mfa_page_says = "none";
  FlowContext context = world.context();
  EXPECT_EQ(world.failure_of(enroll(context)).code(), Outcome::kTotpNotOffered);
}

TEST(Enroll, ARefusedCodeIsWorthOneMoreSetup) {
  World world;
  world.app.manners.refuse_codes = 1;
  world.app.manners.rotates_on_open = true;
  FlowContext context = world.context();

  world.run(enroll(context));

  EXPECT_EQ(world.app.ledger.setup_submits, 2);
  EXPECT_EQ(world.last_state(), "active");
  EXPECT_TRUE(world.a_kept_secret_works());
}

TEST(Enroll, EndsWithMfaOffWhereTheAppRefusesEveryCode) {
  World world;
  world.app.manners.refuses_every_code = true;
  FlowContext context = world.context();

  EXPECT_EQ(world.failure_of(enroll(context)).code(), Outcome::kCodeRejected);
  EXPECT_FALSE(world.app.mfa_on());
  EXPECT_EQ(world.last_state(), "failed_safe");
}

TEST(Enroll, AnAppThatDiesAfterEnablingIsAskedAgainAndProven) {
  World world;
  world.app.manners.dies_after_enabling = true;
  FlowContext context = world.context();

  const EnrollResult result = world.run(enroll(context));

  EXPECT_EQ(world.last_state(), "active");
  EXPECT_EQ(world.app.ledger.setup_submits, 1);
  // The codes page is gone, but the playbook knows how to get new ones.
  EXPECT_EQ(result.recovery_codes, 10);
  EXPECT_FALSE(result.codes_missing);
}

TEST(Enroll, WritesAReportWithEveryStep) {
  World world;
  FlowContext context = world.context();
  world.run(enroll(context));

  const auto report = nlohmann::json::parse(read_file(world.last_report / "report.json", 1U << 20U));

  EXPECT_EQ(report["outcome"], "ok");
  EXPECT_GE(report["steps"].size(), 8U);
  for (const auto& step : report["steps"]) EXPECT_EQ(step["outcome"], "ok") << step;
  EXPECT_EQ(std::filesystem::status(world.last_report / "report.json").permissions(), std::filesystem::perms(0600));
}

TEST(Enroll, AFailureBetweenRevealAndSubmitLeavesNoPictureAndNoSecretInTheReport) {
  World world;
  world.app.manners.shows_other_key = true;
  FlowContext context = world.context();
  world.failure_of(enroll(context));

  const std::string text = read_file(world.last_report / "report.json", 1U << 20U);

  EXPECT_THAT(text, HasSubstr("capture the secret"));
  EXPECT_THAT(text, HasSubstr("[masked]"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(world.last_report), {}), 1);
}

TEST(Enroll, TakesNoPictureFromTheFirstSetupStepOn) {
  const int opens = call_of<World>("click {test_id: \"set-up\"}", [](World& world) {
    FlowContext context = world.context();
    world.run(enroll(context));
  });
  World world;
  // The secret shows already, and the answer to the click never comes.
  world.browser.expect({fakes::Trouble::Kind::kHangsAfter, opens, false});
  FlowContext context = world.context();

  world.failure_of(enroll(context));

  const auto seen = world.listener.of<PageSeen>();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_THAT(seen[0].evidence.url, HasSubstr("/setup"));
  EXPECT_EQ(seen[0].evidence.png, "");
  EXPECT_THAT(seen[0].evidence.outline, HasSubstr("[masked]"));
}

TEST(Enroll, GivesItsWindowsBackWhenItEnds) {
  World world;
  world.app.manners.shows_other_key = true;
  FlowContext context = world.context();
  world.failure_of(enroll(context));
  EXPECT_EQ(world.browser.open_sessions(), 0);
}

}  // namespace
}  // namespace totpilot::flow
