// Recovery codes over several runs: made anew, lost on the way, in doubt.
#include "tests/unit/flow/world.h"

namespace totpilot::flow {
namespace {

using fakes::Trouble;
using testing::HasSubstr;

TEST(RecoveryCodes, AreMadeAnewAndTheOldOnesReplaced) {
  Enrolled world;
  FlowContext context = world.context();
  const CodesResult result = world.run(regenerate_recovery_codes(context));
  EXPECT_EQ(result.saved, 10);
  EXPECT_EQ(world.unused_codes(), 10);
  EXPECT_EQ(world.recovery_book().list(world.account.id).size(), 20U);
}

TEST(RecoveryCodes, ThatAnInterruptedSetupLostAreMadeAnewByTheNextEnroll) {
  World world;
  cut_off_after_turning_on(world);
  FlowContext context = world.context();

  const EnrollResult result = world.run(enroll(context));

  EXPECT_EQ(result.recovery_codes, 10);
  EXPECT_FALSE(result.codes_missing);
  EXPECT_EQ(world.unused_codes(), 10);
  EXPECT_EQ(world.enrollments().size(), 1U);
  EXPECT_EQ(result.enrollment, world.enrollments().front().id);
  EXPECT_EQ(result.factor, world.current_factor()->id);
  EXPECT_EQ(world.last_state(), "active");
  EXPECT_EQ(world.app.ledger.setup_submits, 1);
}

TEST(RecoveryCodes, ThatAreLostAreSaidAtEachLoginUntilThereAreNewOnes) {
  World world;
  cut_off_after_turning_on(world);
  for (int i = 0; i < 2; ++i) {
    world.listener.events.clear();
    FlowContext context = world.context();
    world.run(login(context));
    EXPECT_TRUE(world.was_told("totpilot recovery-codes fake-alice new")) << "login " << i + 1;
  }
  FlowContext renewal = world.context();
  world.run(regenerate_recovery_codes(renewal));
  world.listener.events.clear();

  FlowContext context = world.context();
  world.run(login(context));

  EXPECT_FALSE(world.was_told("totpilot recovery-codes"));
}

TEST(RecoveryCodes, ThatAreLostAreMadeAnewByRecoverAlsoAfterALoginHasSettledTheEnrollment) {
  World world;
  cut_off_after_turning_on(world);
  FlowContext first = world.context();
  world.run(login(first));
  ASSERT_EQ(world.unused_codes(), 0);

  FlowContext second = world.context();
  EXPECT_TRUE(world.run(recover(second)).settled.empty());

  EXPECT_EQ(world.unused_codes(), 10);
}

TEST(RecoveryCodes, ThatAreLostAreMadeAnewWhereThereIsNothingElseToEnroll) {
  World world;
  cut_off_after_turning_on(world);
  FlowContext first = world.context();
  world.run(login(first));

  FlowContext second = world.context();
  const EnrollResult result = world.run(enroll(second));

  EXPECT_TRUE(result.already_on);
  EXPECT_EQ(result.recovery_codes, 10);
  EXPECT_FALSE(result.codes_missing);
  EXPECT_EQ(world.unused_codes(), 10);
}

TEST(RecoveryCodes, OfATurnedOffMfaAreNotMissed) {
  World world;
  cut_off_after_turning_on(world);
  FlowContext off = world.context();
  world.run(disable(off));
  FlowContext context = world.context();
  world.run(login(context));
  EXPECT_FALSE(world.was_told("totpilot recovery-codes"));
}

/// The unused codes that are kept, in the app's order.
std::vector<std::string> kept_codes(World& world) {
  auto book = world.recovery_book();
  std::vector<std::string> texts;
  for (const auto& row : book.list(world.account.id))
    if (row.state == store::RecoveryCodeState::kUnused) texts.emplace_back(book.reveal(row).reveal());
  return texts;
}

/// False when the run ended before its n-th call.
bool renew_with_trouble(Trouble::Kind kind, int n) {
  Enrolled world;
  world.clock.move(std::chrono::minutes(1));
  world.browser.expect({kind, n, true});
  FlowContext context = world.context("recovery_codes");
  std::optional<Failure> failure;
  try {
    world.run(regenerate_recovery_codes(context));
  } catch (const Failure& error) {
    failure = error;
  }
  // Whoever has the job next finds it ended like that; a run that is killed leaves it running.
  if (!failure) {
    world.store->write([&](store::WriteTransaction& transaction) {
      const auto job = store::find_job(transaction, context.lease.job);
      store::finish_job(transaction, store::fence_of(*job), {store::JobState::kDone, "ok", "", world.clock.now()});
    });
  }
  const bool good = kept_codes(world) == world.app.codes();
  const bool doubted = world.recovery_book().may_be_void(world.account.id);
  EXPECT_EQ(world.unused_codes(), 10) << "call " << n;
  EXPECT_TRUE(good || doubted) << "call " << n;
  if (failure && doubted) {
    EXPECT_THAT(failure->message(), HasSubstr("may be void")) << "call " << n;
    EXPECT_THAT(failure->hint(), HasSubstr("totpilot recovery-codes fake-alice new"));
  }
  if (!failure) EXPECT_FALSE(doubted);

  const bool struck = world.browser.struck();
  world.browser.heal();
  FlowContext again = world.context("recovery_codes");
  world.run(regenerate_recovery_codes(again));
  EXPECT_EQ(kept_codes(world), world.app.codes()) << "call " << n;
  EXPECT_FALSE(world.recovery_book().may_be_void(world.account.id)) << "call " << n;
  return struck;
}

TEST(RecoveryCodes, ThatMayBeVoidAreKeptAndDoubtedWhicheverCallFails) {
  int n = 1;
  while (renew_with_trouble(Trouble::Kind::kLostAfter, n) && !testing::Test::HasFailure()) ++n;
  EXPECT_GT(n, 20) << "the sweep reached too little of the flow";
}

TEST(RecoveryCodes, AreNotDoubtedBeforeTheStepsThatRenewThem) {
  Enrolled world;
  world.app.manners.refuse_codes = 9;
  FlowContext context = world.context("recovery_codes");
  const Failure failure = world.failure_of(regenerate_recovery_codes(context));
  EXPECT_EQ(failure.code(), Outcome::kCodeRejected);
  EXPECT_THAT(failure.message(), testing::Not(HasSubstr("void")));
  EXPECT_FALSE(world.recovery_book().may_be_void(world.account.id));
}

}  // namespace
}  // namespace totpilot::flow
