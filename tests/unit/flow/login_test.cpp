#include "tests/unit/flow/world.h"

namespace totpilot::flow {
namespace {

using testing::HasSubstr;

TEST(Login, GivesTheSessionWithoutACodeWhereNoneIsAsked) {
  World world;
  FlowContext context = world.context();
  const LoginResult result = world.run(login(context));
  EXPECT_FALSE(result.code_asked);
  EXPECT_THAT(std::string(result.state.reveal()), HasSubstr("cookies"));
}

TEST(Login, FillsACodeOfTheLiveFactor) {
  Enrolled world;
  FlowContext context = world.context();
  const LoginResult result = world.run(login(context));
  EXPECT_TRUE(result.code_asked);
  EXPECT_EQ(result.factor, world.current_factor()->id);
}

TEST(Login, FindsThePasswordOnASecondPage) {
  World world;
  world.app.manners.two_page_sign_in = true;
  FlowContext context = world.context();
  world.run(login(context));
  EXPECT_EQ(world.app.ledger.sign_ins, 1);
}

TEST(Login, NamesAWrongPassword) {
  World world;
  world.app.password = "another";
  FlowContext context = world.context();
  const Failure failure = world.failure_of(login(context));
  EXPECT_EQ(failure.code(), Outcome::kBadCredentials);
  EXPECT_EQ(world.app.ledger.password_tries, 1);
}

struct Refusal {
  const char* words;
  Outcome outcome;
};
class LoginRefusal : public testing::TestWithParam<Refusal> {};
TEST_P(LoginRefusal, IsNamedInTheLanguageOfTheApp) {
  World world;
  world.app.manners.says_at_sign_in = GetParam().words;
  FlowContext context = world.context();
  EXPECT_EQ(world.failure_of(login(context)).code(), GetParam().outcome);
  EXPECT_EQ(world.app.ledger.password_tries, 1);
}
INSTANTIATE_TEST_SUITE_P(Words, LoginRefusal,
                         testing::Values(Refusal{"Your account has been locked", Outcome::kLockedOut},
                                         Refusal{"Ihr Konto ist gesperrt", Outcome::kLockedOut},
                                         Refusal{"Too many attempts", Outcome::kRateLimited},
                                         Refusal{"Trop de tentatives", Outcome::kRateLimited},
                                         Refusal{"Please confirm you are human", Outcome::kCaptcha},
                                         Refusal{"Usuario o contraseña incorrectos", Outcome::kBadCredentials},
                                         Refusal{"Nope", Outcome::kBadCredentials}));

TEST(Login, TriesARefusedCodeOnceMoreWithTheClocksCompared) {
  Enrolled world;
  world.app.manners.refuse_codes = 1;
  FlowContext context = world.context();
  world.run(login(context));
  EXPECT_EQ(world.app.ledger.sign_ins, 3);
}

TEST(Login, GivesUpAfterTheSecondRefusedCode) {
  Enrolled world;
  world.app.manners.refuse_codes = 9;
  FlowContext context = world.context();
  EXPECT_EQ(world.failure_of(login(context)).code(), Outcome::kCodeRejected);
  EXPECT_EQ(world.app.manners.refuse_codes, 7);
}

TEST(Login, SendsNoFourthWrongCodeWithinAQuarterOfAnHour) {
  Enrolled world;
  world.app.manners.refuse_codes = 9;
  FlowContext first = world.context();
  world.failure_of(login(first));
  FlowContext second = world.context();
  EXPECT_EQ(world.failure_of(login(second)).code(), Outcome::kLockedOut);
  EXPECT_EQ(world.app.manners.refuse_codes, 6);
}

TEST(Login, TypesNoFourthPasswordAfterThreeRefusedOnesWithinAQuarterOfAnHour) {
  World world;
  world.app.password = "another";
  for (int i = 0; i < 3; ++i) {
    FlowContext context = world.context();
    EXPECT_EQ(world.failure_of(login(context)).code(), Outcome::kBadCredentials);
  }

  FlowContext fourth = world.context();
  const Failure failure = world.failure_of(login(fourth));

  EXPECT_EQ(failure.code(), Outcome::kLockedOut);
  EXPECT_THAT(failure.hint(), HasSubstr("totpilot account set"));
  EXPECT_EQ(world.app.ledger.password_tries, 3);
  EXPECT_FALSE(std::ranges::any_of(world.browser.log(), [n = 0](const std::string& call) mutable {
    return call.starts_with("fill_secret {field: password}") && ++n > 3;
  }));
}

TEST(Login, ATakenPasswordClearsTheCountOfRefusedOnes) {
  World world;
  const std::string right = world.app.password;
  for (int i = 0; i < 6; ++i) {
    world.app.password = i % 3 == 2 ? right : "another";
    FlowContext context = world.context();
    if (i % 3 == 2)
      world.run(login(context));
    else
      EXPECT_EQ(world.failure_of(login(context)).code(), Outcome::kBadCredentials);
  }
}

TEST(Login, RefusesAtOnceToWaitForACodeThatComesAfterItsTime) {
  Enrolled world;
  const TimePoint ahead = world.clock.now() + std::chrono::minutes(2);
  enrollment::WindowLedger ledger(*world.store, world.clock);
  auto taken = ledger.reserve({.account = world.account.id, .app_time = ahead, .by = "cli:1"});
  ledger.mark_spent(std::get<enrollment::WindowReservation>(taken), ahead);
  FlowContext context = world.context();
  context.deadline = Deadline::after(std::chrono::seconds(45));
  const TimePoint before = world.clock.now();

  const Failure failure = world.failure_of(login(context));

  EXPECT_EQ(failure.code(), Outcome::kTimedOut);
  EXPECT_THAT(failure.message(), HasSubstr("this window is used"));
  EXPECT_THAT(failure.message(), testing::ContainsRegex("comes in 1[0-9]+ s"));
  EXPECT_LT(world.clock.now() - before, std::chrono::seconds(45));
}

TEST(Login, AsksForTheSecretWhereNoneIsKnown) {
  World world;
  world.app.turn_on_elsewhere();
  FlowContext context = world.context();
  const Failure failure = world.failure_of(login(context));
  EXPECT_EQ(failure.code(), Outcome::kMfaAlreadyOn);
  EXPECT_THAT(failure.hint(), HasSubstr("import"));
}

TEST(Login, AsksToConfirmTheSecretWhereThereIsACandidate) {
  World world;
  world.app.turn_on_elsewhere();
  totp::OtpAuth given;
  given.key = Secret(std::string("12345678901234567890"));
  enrollment::FactorBook(*world.store, *world.vault, world.clock).import(world.account.id, given, "import:base32");
  FlowContext context = world.context();
  const Failure failure = world.failure_of(login(context));
  EXPECT_EQ(failure.code(), Outcome::kMfaAlreadyOn);
  EXPECT_THAT(failure.hint(), HasSubstr("totpilot factor confirm ACCOUNT"));
}

TEST(Login, SaysThatThereIsNoPlaybook) {
  World world;
  FlowContext context = world.context();
  context.playbook = nullptr;
  EXPECT_EQ(world.failure_of(login(context)).code(), Outcome::kNoPlaybook);
}

TEST(Login, AnAppThatIsDownEndsInOneLine) {
  World world;
  world.app.manners.down = true;
  FlowContext context = world.context();
  const Failure failure = world.failure_of(login(context));
  EXPECT_EQ(failure.code(), Outcome::kAppUnreachable);
  EXPECT_THAT(failure.message(), HasSubstr("step 1 (sign in"));
  EXPECT_EQ(to_string(*failure.position()).substr(0, 9), "fake.yaml");
}

TEST(Check, SeesThatMfaIsOnAndTheSecretRight) {
  Enrolled world;
  FlowContext context = world.context();
  const CheckResult result = world.run(check(context));
  EXPECT_EQ(result.mfa, MfaState::kOn);
  EXPECT_TRUE(result.secret_works);
}

TEST(Check, SeesThatMfaIsOff) {
  World world;
  FlowContext context = world.context();
  const CheckResult result = world.run(check(context));
  EXPECT_EQ(result.mfa, MfaState::kOff);
  EXPECT_FALSE(result.secret_works);
}

TEST(Prove, MakesAConfirmedFactorLive) {
  Enrolled world;
  FlowContext context = world.context();
  const ProveResult result = world.run(prove(context, world.account.id));
  EXPECT_EQ(result.factor, world.current_factor()->id);
}

TEST(Prove, IsNotDoneByALoginThatAsksForNoCode) {
  Enrolled world;
  world.app.manners.asks_for_no_code = true;
  FlowContext context = world.context();
  EXPECT_EQ(world.failure_of(prove(context, world.account.id)).code(), Outcome::kProofFailed);
}

TEST(Disable, TurnsMfaOffAndKeepsTheSecretAsSuperseded) {
  Enrolled world;
  const FactorId live = world.current_factor()->id;
  FlowContext context = world.context();

  const DisableResult result = world.run(disable(context));

  EXPECT_FALSE(world.app.mfa_on());
  EXPECT_EQ(result.superseded, live);
  EXPECT_EQ(world.factors().front().state, store::FactorState::kSuperseded);
  EXPECT_EQ(world.unused_codes(), 0);
}

TEST(Disable, KeepsTheSecretWhereTheAppOffersNoAuthenticator) {
  Enrolled world;
  world.app.manners.mfa_page_says = "none";
  FlowContext context = world.context();

  EXPECT_EQ(world.failure_of(disable(context)).code(), Outcome::kTotpNotOffered);

  EXPECT_TRUE(world.app.mfa_on());
  EXPECT_EQ(world.current_factor()->state, store::FactorState::kLive);
  EXPECT_EQ(world.unused_codes(), 10);
}

TEST(Disable, KeepsTheSecretWhereThePageSaysOffAlthoughTheSignInTookACode) {
  Enrolled world;
  world.app.manners.mfa_page_says = "off";
  FlowContext context = world.context();

  const Failure failure = world.failure_of(disable(context));

  EXPECT_EQ(failure.code(), Outcome::kPageChanged);
  EXPECT_THAT(failure.hint(), HasSubstr("mfa.disabled"));
  EXPECT_EQ(world.current_factor()->state, store::FactorState::kLive);
  EXPECT_EQ(world.unused_codes(), 10);
}

TEST(Disable, RetiresTheSecretWhereMfaWasTurnedOffElsewhere) {
  Enrolled world;
  const FactorId live = world.current_factor()->id;
  world.app.turn_off_elsewhere();
  FlowContext context = world.context();
  EXPECT_EQ(world.run(disable(context)).superseded, live);
  EXPECT_FALSE(world.current_factor());
}

TEST(Disable, RetiresNothingForARunThatHasLostItsJob) {
  Enrolled world;
  FlowContext context = world.context();
  world.app.turn_off_elsewhere();
  --context.lease.generation;
  EXPECT_EQ(world.failure_of(disable(context)).code(), Outcome::kBusy);
  EXPECT_EQ(world.current_factor()->state, store::FactorState::kLive);
}

TEST(Disable, IsPastTheReturnOnceItHasBegun) {
  Enrolled world;
  world.app.manners.refuse_codes = 0;
  FlowContext context = world.context();
  world.run(disable(context));
  const auto job = world.store->read(
      [&](store::ReadTransaction& transaction) { return store::find_job(transaction, context.lease.job); });
  EXPECT_TRUE(job->past_return);
}

TEST(Disable, ThenEnrollsAgainWithAnotherSecret) {
  Enrolled world;
  FlowContext off = world.context();
  world.run(disable(off));
  FlowContext again = world.context();
  world.run(enroll(again));
  EXPECT_TRUE(world.a_kept_secret_works());
  EXPECT_EQ(world.factors().size(), 2U);
  EXPECT_EQ(world.app.ledger.reused_codes, 0);
}

}  // namespace
}  // namespace totpilot::flow
