#include "tests/unit/flow/world.h"

namespace totpilot::flow {
namespace {

using enrollment::State;
using testing::HasSubstr;

/// An enrollment that ended in `state`, made by the journal alone, as a crash leaves it.

void leave_in(World& world, State state, const std::string& playbook_text = World::text_of("fake")) {
  world.clock.move(std::chrono::milliseconds(1));
  FlowContext context = world.context();
  enrollment::Journal journal(*world.store, *world.vault, world.clock);
  const enrollment::Lease lease{context.lease.job, context.lease.generation};
  auto enrollment =
      journal.begin({world.account.id, lease, World::read(playbook_text, "fake.yaml")->hash, playbook_text});
  if (state == State::kPlanned) return;
  journal.advance(enrollment, State::kAuthenticating, {});
  if (state == State::kAuthenticating) return;
  journal.advance(enrollment, State::kSetupOpening, {});
}

TEST(Recover, HasNothingToDoWhereNothingIsOpen) {
  World world;
  FlowContext context = world.context();
  EXPECT_TRUE(world.run(recover(context)).settled.empty());
  EXPECT_EQ(world.browser.calls(), 0);
}

TEST(Recover, NeedsNoBrowserWhereNothingWasOpened) {
  World world;
  leave_in(world, State::kAuthenticating);
  FlowContext context = world.context();

  const RecoverResult result = world.run(recover(context));

  ASSERT_EQ(result.settled.size(), 1U);
  EXPECT_EQ(result.settled[0].to_state, "failed_safe");
  EXPECT_EQ(world.browser.calls(), 0);
}

TEST(Recover, FindsMfaOffAfterACrashOnTheSetupPage) {
  World world;
  leave_in(world, State::kSetupOpening);
  FlowContext context = world.context();

  const RecoverResult result = world.run(recover(context));

  EXPECT_EQ(result.settled.at(0).to_state, "failed_safe");
  EXPECT_EQ(world.app.ledger.setup_opened, 0);
}

TEST(Recover, CallsForAPersonWhereMfaIsOnAndNoSecretWasCaptured) {
  World world;
  leave_in(world, State::kSetupOpening);
  world.app.turn_on_elsewhere();
  FlowContext context = world.context();

  const RecoverResult result = world.run(recover(context));

  EXPECT_EQ(result.settled.at(0).to_state, "needs_human");
  EXPECT_EQ(result.settled.at(0).outcome, Outcome::kNeedsHuman);
}

TEST(Recover, StaysUncertainWhileTheAppIsDown) {
  World world;
  leave_in(world, State::kSetupOpening);
  world.app.manners.down = true;
  FlowContext context = world.context();

  const RecoverResult result = world.run(recover(context));

  EXPECT_EQ(result.settled.at(0).to_state, "uncertain");
  EXPECT_EQ(result.settled.at(0).outcome, Outcome::kAppUnreachable);
}

TEST(Recover, GoesOnWithAnUncertainOneWhenTheAppIsBack) {
  World world;
  leave_in(world, State::kSetupOpening);
  world.app.manners.down = true;
  FlowContext first = world.context();
  world.run(recover(first));
  world.app.manners.down = false;

  FlowContext second = world.context();
  EXPECT_EQ(world.run(recover(second)).settled.at(0).to_state, "failed_safe");
}

TEST(Recover, UsesThePlaybookThatTheEnrollmentWasBegunWith) {
  World world;
  leave_in(world, State::kSetupOpening);
  FlowContext context = world.context();
  context.playbook = nullptr;  // taken away in the meantime

  EXPECT_EQ(world.run(recover(context)).settled.at(0).to_state, "failed_safe");
}

TEST(Recover, IsDoneBeforeAnEnrollOfThatAccount) {
  World world;
  leave_in(world, State::kSetupOpening);
  FlowContext context = world.context();

  world.run(enroll(context));

  EXPECT_EQ(world.enrollments().size(), 2U);
  EXPECT_EQ(world.enrollments().back().state, "failed_safe");
  EXPECT_EQ(world.last_state(), "active");
}

TEST(Recover, IsDoneBeforeALoginOfThatAccount) {
  World world;
  leave_in(world, State::kSetupOpening);
  FlowContext context = world.context();

  world.run(login(context));

  EXPECT_EQ(world.last_state(), "failed_safe");
}

TEST(Recover, TriesTheKeptSecretsNewestFirstAndStopsAtThreeRefusals) {
  World world;
  leave_in(world, State::kSetupOpening);
  enrollment::FactorBook book(*world.store, *world.vault, world.clock);
  for (int i = 0; i < 5; ++i) {
    totp::OtpAuth given;
    given.key = Secret(std::string(20, static_cast<char>('a' + i)));
    book.import(world.account.id, given, "import:base32");
    world.clock.move(std::chrono::seconds(1));
  }
  world.app.turn_on_elsewhere();
  FlowContext context = world.context();

  const RecoverResult result = world.run(recover(context));

  EXPECT_EQ(world.app.ledger.wrong_codes, 3);
  EXPECT_EQ(result.settled.at(0).to_state, "uncertain");
  EXPECT_EQ(result.settled.at(0).outcome, Outcome::kLockedOut);
}

/// Five imported secrets, one a second; the newest is `live`, where that is given.
std::vector<FactorId> import_five(World& world, const Secret* live = nullptr) {
  enrollment::FactorBook book(*world.store, *world.vault, world.clock);
  std::vector<FactorId> ids;
  for (int i = 0; i < 5; ++i) {
    totp::OtpAuth given;
    given.key = live != nullptr && i == 4 ? live->duplicate() : Secret(std::string(20, static_cast<char>('a' + i)));
    ids.push_back(book.import(world.account.id, given, "import:base32").row.id);
    world.clock.move(std::chrono::seconds(1));
  }
  return ids;
}

TEST(Recover, BeginsAfterTheSecretsThatWereRefusedBeforeAndEndsWithAPerson) {
  World world;
  leave_in(world, State::kSetupOpening);
  import_five(world);
  world.app.turn_on_elsewhere();
  FlowContext first = world.context();
  world.run(recover(first));
  world.clock.move(std::chrono::minutes(16));

  FlowContext second = world.context();
  const RecoverResult result = world.run(recover(second));

  EXPECT_EQ(world.app.ledger.wrong_codes, 5);
  EXPECT_EQ(result.settled.at(0).to_state, "needs_human");
  EXPECT_THAT(result.settled.at(0).message, HasSubstr("each of the 5 kept secrets"));
}

TEST(Recover, TriesRefusedSecretsAgainWhenTheClockTurnsOutToBeAnother) {
  World world;
  leave_in(world, State::kSetupOpening);
  world.app.turn_on_elsewhere();
  import_five(world, world.app.live_key());
  world.app.manners.refuse_codes = 3;
  FlowContext first = world.context();
  EXPECT_EQ(world.run(recover(first)).settled.at(0).to_state, "uncertain");
  world.clock.move(std::chrono::minutes(16));
  world.app.manners.skew = std::chrono::seconds(60);
  world.set_skew(std::chrono::seconds(60));

  FlowContext second = world.context();
  const RecoverResult result = world.run(recover(second));

  EXPECT_EQ(result.settled.at(0).to_state, "active");
  EXPECT_EQ(world.app.ledger.wrong_codes, 3);
}

TEST(Recover, FindsThatTheOldSecretStillWorks) {
  World world;
  FlowContext first = world.context();
  world.run(enroll(first));
  leave_in(world, State::kSetupOpening);
  FlowContext context = world.context();

  const RecoverResult result = world.run(recover(context));

  EXPECT_EQ(result.settled.at(0).to_state, "failed_safe");
  EXPECT_THAT(result.settled.at(0).message, HasSubstr("before still works"));
  EXPECT_EQ(world.current_factor()->state, store::FactorState::kLive);
}

TEST(Recover, AsksAgainAtAPersonsWish) {
  World world;
  leave_in(world, State::kSetupOpening);
  world.app.turn_on_elsewhere();
  FlowContext first = world.context();
  world.run(recover(first));
  enrollment::FactorBook book(*world.store, *world.vault, world.clock);
  totp::OtpAuth given;
  given.key = world.app.live_key()->duplicate();
  book.import(world.account.id, given, "import:base32");

  FlowContext second = world.context();
  const RecoverResult result = world.run(recover(second));

  EXPECT_EQ(result.settled.at(0).to_state, "active");
  EXPECT_TRUE(world.a_kept_secret_works());
}

TEST(Recover, AsksAgainAlsoWhenALaterEnrollmentCameToNothing) {
  World world;
  leave_in(world, State::kSetupOpening);
  world.app.turn_on_elsewhere();
  FlowContext first = world.context();
  world.run(recover(first));
  world.clock.move(std::chrono::seconds(1));
  leave_in(world, State::kAuthenticating);
  FlowContext second = world.context();
  world.run(recover(second));
  ASSERT_EQ(world.last_state(), "failed_safe");
  world.app.turn_off_elsewhere();

  FlowContext third = world.context();
  const RecoverResult result = world.run(recover(third));

  ASSERT_EQ(result.settled.size(), 1U);
  EXPECT_EQ(result.settled[0].from_state, "needs_human");
  EXPECT_EQ(result.settled[0].to_state, "failed_safe");
}

}  // namespace
}  // namespace totpilot::flow
