#include "agent/flow/mfa_page.h"

#include <fmt/format.h>

#include "agent/flow/runner.h"
#include "agent/flow/signals.h"
#include "agent/flow/steps/steps.h"

namespace totpilot::flow {
namespace {

constexpr int kWatcherRuns = 5;  // what turns up more often than that does not go away by being handled
constexpr std::chrono::milliseconds kOnItsWay{5'000};  // a busy page may need that long to answer its own request

struct Known {
  MfaState state;
  browser::Condition condition;
};

/// On before other: where both hold, TOTP is on. Other before off: an app may say "authenticator: off" beside a method
/// that is on.
std::vector<Known> known_states(const playbook::MfaFacts& facts) {
  std::vector<Known> known = {{MfaState::kOn, facts.enabled}};
  if (facts.other_method) known.push_back({MfaState::kOtherMethod, *facts.other_method});
  known.push_back({MfaState::kOff, facts.disabled});
  if (facts.not_offered) known.push_back({MfaState::kNotOffered, *facts.not_offered});
  return known;
}

std::vector<browser::Condition> conditions_of(const std::vector<Known>& known) {
  std::vector<browser::Condition> conditions;
  conditions.reserve(known.size());
  for (const Known& one : known) conditions.push_back(one.condition);
  return conditions;
}

}  // namespace

std::string_view mfa_state_name(MfaState state) {
  switch (state) {
    case MfaState::kOff:
      return "off";
    case MfaState::kOn:
      return "on";
    case MfaState::kOtherMethod:
      return "other method";
    case MfaState::kNotOffered:
      return "not offered";
  }
  return "off";
}

task<MfaState> open_mfa_page(Walk& walk) {
  const StepTime time = walk.step_time();
  co_await walk.open(walk.playbook.mfa.open, time.fresh());
  co_await steps::run_each(walk, walk.playbook.mfa.reach, "m");
  const std::vector<Known> known = known_states(walk.playbook.mfa);
  const std::vector<playbook::Watcher>& watchers = walk.playbook.watchers;
  std::vector<browser::Condition> conditions = conditions_of(known);
  conditions.push_back(walk.playbook.session.out);
  // What shows instead of the setting may be a watcher's: an app that asks for the password again leads on from there.
  for (const playbook::Watcher& watcher : watchers) conditions.push_back(watcher.when);
  for (int runs = 0;; ++runs) {
    const std::size_t index = co_await walk.page().wait_for(conditions, time.fresh());
    if (index < known.size()) co_return known[index].state;
    if (index == known.size())
      throw Failure(Outcome::kPageChanged, "the app shows its sign-in page instead of the MFA setting");
    const playbook::Watcher& watcher = watchers[index - known.size() - 1];
    if (runs == kWatcherRuns)
      throw Failure(Outcome::kPageChanged,
                    fmt::format("watcher \"{}\" was handled {} times and still holds", watcher.name, runs))
          .at(watcher.at);
    walk.tell.on_event(Remark{fmt::format("watcher \"{}\" holds", watcher.name)});
    co_await steps::run_each(walk, watcher.steps, "w");
  }
}

task<bool> shows_soon(Walk& walk, browser::Condition state) {
  Signals signals(walk);
  signals.add(Meaning::kAccepted, std::move(state));
  const auto seen = co_await signals.wait(walk.step_time(kOnItsWay));
  co_return seen.has_value();
}

}  // namespace totpilot::flow
