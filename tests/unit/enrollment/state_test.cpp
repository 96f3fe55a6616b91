#include "agent/enrollment/state.h"

#include <gtest/gtest.h>

#include <set>

namespace totpilot::enrollment {
namespace {

using enum State;

TEST(State, HasANameOfItsOwnThatReadsBack) {
  std::set<std::string_view> names;
  for (const State state : all_states()) {
    EXPECT_TRUE(names.insert(state_name(state)).second);
    EXPECT_EQ(state_from_name(state_name(state)), state);
  }
  EXPECT_EQ(names.size(), 13U);
  EXPECT_EQ(state_from_name("enrolled"), std::nullopt);
  EXPECT_EQ(state_from_name(""), std::nullopt);
}

TEST(State, IsFollowedByNothingWhenFinal) {
  for (const State from : all_states()) {
    if (!is_final(from)) continue;
    for (const State to : all_states())
      EXPECT_FALSE(may_follow(from, to)) << state_name(from) << " to " << state_name(to);
  }
}

TEST(State, NeverGoesBackToThePlan) {
  for (const State from : all_states()) EXPECT_FALSE(may_follow(from, kPlanned)) << state_name(from);
}

TEST(State, IsArmedOnlyWithADurableSecret) {
  for (const State from : all_states())
    EXPECT_EQ(may_follow(from, kSubmitArmed), from == kSecretDurable) << state_name(from);
}

TEST(State, IsActiveOnlyAfterAVerification) {
  for (const State from : all_states()) EXPECT_EQ(may_follow(from, kActive), from == kVerifying) << state_name(from);
}

TEST(State, NeverSubmitsAgainFromUncertain) {
  // I3: from here the machine only probes.
  EXPECT_FALSE(may_follow(kUncertain, kSubmitArmed));
  EXPECT_FALSE(may_follow(kUncertain, kSecretDurable));
  EXPECT_FALSE(may_follow(kUncertain, kSetupOpening));
}

TEST(State, CannotBeGivenUpOnceACodeMayHaveReachedTheApp) {
  for (const State state : {kSubmitArmed, kSubmitted}) {
    EXPECT_FALSE(may_follow(state, kFailedSafe)) << state_name(state);
    EXPECT_EQ(cancel_rule(state), CancelRule::kNever) << state_name(state);
  }
}

TEST(State, IsCancelledFreelyOnlyBeforeTheSetupPageIsOpened) {
  for (const State state : all_states()) {
    const bool free = state == kPlanned || state == kAuthenticating;
    EXPECT_EQ(cancel_rule(state) == CancelRule::kFreely, free) << state_name(state);
    EXPECT_EQ(cancel_rule(state) != CancelRule::kNever, may_follow(state, kCancelled)) << state_name(state);
  }
}

TEST(State, LeftByACrashIsSettledByTheMachineUnlessAPersonMustDecide) {
  for (const State state : all_states()) {
    EXPECT_EQ(wants_recovery(state), !is_final(state) && state != kNeedsHuman) << state_name(state);
  }
}

TEST(State, CanReachAFinalStateFromAnywhere) {
  for (const State start : all_states()) {
    std::set<State> reached = {start};
    for (std::size_t before = 0; before != reached.size();) {
      before = reached.size();
      for (const State from : std::set<State>(reached)) {
        for (const State to : all_states()) {
          if (may_follow(from, to)) reached.insert(to);
        }
      }
    }
    EXPECT_TRUE(std::ranges::any_of(reached, is_final)) << state_name(start);
  }
}

}  // namespace
}  // namespace totpilot::enrollment
