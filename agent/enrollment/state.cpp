#include "agent/enrollment/state.h"

#include <algorithm>
#include <array>

namespace totpilot::enrollment {
namespace {

using enum State;

constexpr std::size_t kCount = static_cast<std::size_t>(kCancelled) + 1;

struct Rule {
  State state;
  std::string_view name;
  CancelRule cancel;
  std::array<State, 8> next;  // filled up with kPlanned, which nothing leads to
};

/// safety.md B.2. What may follow what; everything else is a bug of the caller.
constexpr std::array<Rule, kCount> kRules = {{
    {kPlanned, "planned", CancelRule::kFreely, {kAuthenticating, kFailedSafe, kCancelled}},
    {kAuthenticating, "authenticating", CancelRule::kFreely, {kAuthenticating, kSetupOpening, kFailedSafe, kCancelled}},
    {kSetupOpening,
     "setup_opening",
     CancelRule::kAfterProof,
     {kSetupOpening, kSecretDurable, kUncertain, kFailedSafe, kNeedsHuman, kCancelled}},
    // Opened once more, the page may show another secret: candidate n+1.
    {kSecretDurable,
     "secret_durable",
     CancelRule::kAfterProof,
     {kSetupOpening, kSecretDurable, kSubmitArmed, kUncertain, kFailedSafe, kNeedsHuman, kCancelled}},
    // From armed on, only evidence or a probe leads further. A refusal that the app spells out is evidence: the key is
    // captured again before another code is armed, because a wrong code makes some apps draw a new one.
    {kSubmitArmed,
     "submit_armed",
     CancelRule::kNever,
     {kSubmitted, kAppConfirmed, kSetupOpening, kSecretDurable, kUncertain}},
    {kSubmitted, "submitted", CancelRule::kNever, {kAppConfirmed, kSetupOpening, kSecretDurable, kUncertain}},
    {kAppConfirmed, "app_confirmed", CancelRule::kNever, {kVerifying, kUncertain, kNeedsHuman}},
    {kVerifying, "verifying", CancelRule::kNever, {kVerifying, kActive, kUncertain, kFailedSafe, kNeedsHuman}},
    {kActive, "active", CancelRule::kNever, {}},
    {kUncertain, "uncertain", CancelRule::kNever, {kUncertain, kVerifying, kFailedSafe, kNeedsHuman}},
    {kFailedSafe, "failed_safe", CancelRule::kNever, {}},
    // A person may have it probed again.
    {kNeedsHuman, "needs_human", CancelRule::kNever, {kNeedsHuman, kUncertain, kVerifying, kFailedSafe}},
    {kCancelled, "cancelled", CancelRule::kNever, {}},
}};

constexpr std::array<State, kCount> kAll = [] {
  std::array<State, kCount> all{};
  for (std::size_t i = 0; i < kCount; ++i) all[i] = static_cast<State>(i);
  return all;
}();

static_assert([] {
  for (std::size_t i = 0; i < kCount; ++i)
    if (kRules[i].state != kAll[i]) return false;
  return true;
}());

const Rule& rule_of(State state) { return kRules[static_cast<std::size_t>(state)]; }

}  // namespace

std::string_view state_name(State state) { return rule_of(state).name; }

std::optional<State> state_from_name(std::string_view name) {
  const auto* rule = std::ranges::find(kRules, name, &Rule::name);
  if (rule == kRules.end()) return std::nullopt;
  return rule->state;
}

std::span<const State> all_states() { return kAll; }

bool may_follow(State from, State to) {
  return to != kPlanned && std::ranges::find(rule_of(from).next, to) != rule_of(from).next.end();
}

CancelRule cancel_rule(State state) { return rule_of(state).cancel; }

bool is_final(State state) { return state == kActive || state == kFailedSafe || state == kCancelled; }

bool wants_recovery(State state) { return !is_final(state) && state != kNeedsHuman; }

bool may_have_turned_on(State state) {
  switch (state) {
    case kPlanned:
    case kAuthenticating:
    case kFailedSafe:
    case kCancelled:
      return false;
    default:
      return true;
  }
}

}  // namespace totpilot::enrollment
