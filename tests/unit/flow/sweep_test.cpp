// The sweep: the n-th call to the browser fails, for every n, in every way; afterwards the account is recovered on a
// healthy browser. The promise that must hold each time: whenever the app says that MFA is on, a secret in the vault
// makes a code that it takes, and no armed attempt has sent more than one code.
#include "tests/unit/flow/world.h"

namespace totpilot::flow {
namespace {

using fakes::Manners;
using fakes::Trouble;

struct Sweep {
  const char* name;
  const char* playbook;
  Manners::Codes codes;
  Trouble::Kind kind;
  bool for_good;
};

void PrintTo(const Sweep& sweep, std::ostream* out) { *out << sweep.name; }

class EnrollSweep : public testing::TestWithParam<Sweep> {};

void expect_promise(World& world, int n) {
  SCOPED_TRACE(testing::Message() << "call " << n << ", state " << world.last_state());
  if (world.app.mfa_on()) {
    EXPECT_TRUE(world.a_kept_secret_works());
    EXPECT_EQ(world.last_state(), "active");
  } else {
    EXPECT_THAT(world.last_state(), testing::AnyOf("failed_safe", ""));
  }
  int armed = 0;
  for (const store::EnrollmentRow& row : world.enrollments()) {
    EXPECT_LE(row.submits, 1);
    armed += row.submits;
  }
  EXPECT_LE(world.app.ledger.setup_submits, armed);
  EXPECT_EQ(world.app.ledger.reused_codes, 0);
  EXPECT_EQ(world.app.ledger.foreign_secrets, 0);
  EXPECT_EQ(world.browser.open_sessions(), 0);
}

/// False when the flow ended before its n-th call.
bool run_with_trouble(const Sweep& sweep, int n) {
  World world(sweep.playbook);
  world.app.manners.codes = sweep.codes;
  world.browser.expect({sweep.kind, n, sweep.for_good});
  FlowContext first = world.context();
  try {
    world.run(enroll(first));
  } catch (const Failure& failure) {
    // Where MFA may be on and nothing was settled, nothing weaker may be said.
    if (world.app.mfa_on()) {
      EXPECT_THAT(failure.code(), testing::AnyOf(Outcome::kUncertain, Outcome::kProofFailed)) << failure.message();
    }
  }
  const bool struck = world.browser.struck();
  world.browser.heal();
  FlowContext second = world.context();
  world.run(recover(second));
  expect_promise(world, n);
  return struck;
}

TEST_P(EnrollSweep, LosesNoSecretWhicheverCallFails) {
  int n = 1;
  while (run_with_trouble(GetParam(), n)) {
    ++n;
    ASSERT_LT(n, 400) << "the sweep does not come to its end";
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_GT(n, 30) << "the sweep reached too little of the flow";
}

INSTANTIATE_TEST_SUITE_P(
    Flows, EnrollSweep,
    testing::Values(Sweep{"lost_before", "fake", Manners::Codes::kAfter, Trouble::Kind::kLostBefore, false},
                    Sweep{"lost_after", "fake", Manners::Codes::kAfter, Trouble::Kind::kLostAfter, false},
                    Sweep{"hangs", "fake", Manners::Codes::kAfter, Trouble::Kind::kHangsAfter, false},
                    Sweep{"lost_before_for_good", "fake", Manners::Codes::kAfter, Trouble::Kind::kLostBefore, true},
                    Sweep{"lost_after_for_good", "fake", Manners::Codes::kAfter, Trouble::Kind::kLostAfter, true},
                    Sweep{"codes_before", "codes_before", Manners::Codes::kBefore, Trouble::Kind::kLostAfter, true},
                    Sweep{"gate", "gate", Manners::Codes::kGate, Trouble::Kind::kLostAfter, true},
                    Sweep{"no_codes", "no_codes", Manners::Codes::kNone, Trouble::Kind::kLostAfter, false}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(RecoverSweep, ACrashDuringRecoveryLosesNothingEither) {
  const int submit = call_that_submits();
  for (int n = 1;; ++n) {
    World world;
    // The browser is lost for good once the app has turned MFA on, so that nothing is settled at once.
    world.browser.expect({Trouble::Kind::kLostAfter, submit, true});
    FlowContext first = world.context();
    EXPECT_EQ(world.failure_of(enroll(first)).code(), Outcome::kUncertain);
    ASSERT_TRUE(world.app.mfa_on());

    world.browser.expect({Trouble::Kind::kLostAfter, n, true});
    FlowContext second = world.context();
    world.run(recover(second));
    const bool struck = world.browser.struck();
    world.browser.heal();
    FlowContext third = world.context();
    world.run(recover(third));
    expect_promise(world, n);
    if (!struck || testing::Test::HasFailure()) {
      EXPECT_GT(n, 8);
      break;
    }
  }
}

TEST(LoginSweep, EveryFailureIsNamedAndLeavesNoBrowser) {
  for (int n = 1;; ++n) {
    World world;
    world.browser.expect({Trouble::Kind::kLostBefore, n, false});
    FlowContext context = world.context();
    bool failed = false;
    try {
      world.run(login(context));
    } catch (const Failure& failure) {
      failed = true;
      EXPECT_EQ(failure.code(), Outcome::kBrowserLost);
    }
    EXPECT_EQ(world.browser.open_sessions(), 0);
    if (!world.browser.struck()) {
      EXPECT_FALSE(failed);
      EXPECT_GT(n, 8);
      break;
    }
  }
}

}  // namespace
}  // namespace totpilot::flow
