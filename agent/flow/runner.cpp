#include "agent/flow/runner.h"

#include <fmt/format.h>

#include "agent/base/stopwatch.h"
#include "agent/flow/failures.h"
#include "agent/flow/secret_scan.h"
#include "agent/flow/steps/steps.h"

namespace totpilot::flow {
namespace {

constexpr int kWatcherRuns = 5;  // what turns up more often than that does not go away by being handled

/// Watchers that hold now are handled until none does.
task<bool> handle_watchers(Walk& walk, std::string number) {
  const auto& watchers = walk.playbook.watchers;
  if (watchers.empty() || walk.in_watcher) co_return false;
  std::vector<browser::Condition> conditions;
  conditions.reserve(watchers.size());
  for (const playbook::Watcher& watcher : watchers) conditions.push_back(watcher.when);
  bool any = false;
  for (int run = 0;; ++run) {
    const auto held = co_await walk.holds_now(conditions, walk.step_time().fresh());
    if (!held) co_return any;
    const playbook::Watcher& watcher = watchers[*held];
    if (run == kWatcherRuns)
      throw Failure(Outcome::kPageChanged,
                    fmt::format("watcher \"{}\" was handled {} times and still holds", watcher.name, run))
          .at(watcher.at);
    co_await run_watcher(walk, watcher, number + "w");
    any = true;
  }
}

/// May the step be tried again after it failed for want of its element? Only what has not begun to have an effect, and
/// no code.
bool can_repeat(const playbook::Action& action) {
  return std::holds_alternative<playbook::Click>(action) || std::holds_alternative<playbook::Fill>(action) ||
         std::holds_alternative<playbook::Check>(action) || std::holds_alternative<playbook::Select>(action) ||
         std::holds_alternative<playbook::WaitFor>(action) || std::holds_alternative<playbook::FillPassword>(action);
}

task<StepResult> run_action(Walk& walk, const playbook::Step& step, std::string number) {
  const StepTime time = walk.step_time(step.timeout);
  std::exception_ptr first;
  try {
    co_return co_await steps::run(walk, step.action, time, number);
  } catch (const Failure& failure) {
    if (failure.code() != Outcome::kPageChanged || walk.failure_told || !can_repeat(step.action) ||
        walk.playbook.watchers.empty() || walk.in_watcher)
      throw;
    first = std::current_exception();
  }
  // Something may have come over the page while the step waited.
  const bool handled = co_await handle_watchers(walk, number);
  if (!handled) std::rethrow_exception(first);
  co_return co_await steps::run(walk, step.action, time, number);
}

struct Ended {
  StepResult result;
  std::optional<Failure> failure;
};

task<Ended> run_told(Walk& walk, std::string number, std::string name, SourcePosition at,
                     std::function<task<StepResult>()> body) {
  const Stopwatch watch;
  walk.tell.on_event(StepStarted{number, name, at});
  Ended ended;
  std::exception_ptr error;
  try {
    ended.result = co_await body();
  } catch (...) {
    error = std::current_exception();
  }
  if (error) {
    ended.failure = co_await with_page(walk, as_failure(error), number, name, at);
    walk.tell.on_event(
        StepEnded{number, name, watch.elapsed(), ended.failure->code(), false, ended.failure->message()});
  } else {
    walk.tell.on_event(StepEnded{number, name, watch.elapsed(), Outcome::kOk, false, ended.result.remark});
  }
  co_return ended;
}

/// A setup's step may reveal the secret also when it then fails, unless it is a click whose target was never there.
task<StepResult> run_revealing(Walk& walk, const playbook::Step& step, std::string number) {
  try {
    StepResult result = co_await run_action(walk, step, number);
    walk.secrets_on_page = walk.secrets_on_page || walk.may_reveal;
    co_return result;
  } catch (const Failure& failure) {
    const bool nothing_done =
        std::holds_alternative<playbook::Click>(step.action) && failure.code() == Outcome::kPageChanged;
    walk.secrets_on_page = walk.secrets_on_page || (walk.may_reveal && !nothing_done);
    throw;
  }
}

task<StepResult> run_announced(Walk& walk, const playbook::Step& step, std::string number, bool turns_on) {
  if (turns_on) co_await walk.mission.before_turning_on();
  co_return co_await run_revealing(walk, step, number);
}

task<Going> run_one(Walk& walk, const playbook::Step& step, std::string number, bool last) {
  const std::string name = step.name.empty() ? std::string(playbook::action_name(step.action)) : step.name;
  if (step.only_if) {
    std::vector<browser::Condition> asked = {*step.only_if};
    const auto held = co_await walk.holds_now(std::move(asked), walk.step_time().fresh());
    if (!held) {
      walk.tell.on_event(StepEnded{number, name, std::chrono::milliseconds{0}, Outcome::kOk, true, {}});
      co_return Going::kOn;
    }
  }
  const bool turns_on = last && walk.mission.turns_on() && walk.mission.turns_on_at() == playbook::TurnsOnAt::kLastStep;
  const std::function<task<StepResult>()> body = [&walk, &step, number, turns_on] {
    return run_announced(walk, step, number, turns_on);
  };
  Ended ended = co_await run_told(walk, number, name, step.at, body);
  if (ended.failure) throw std::move(*ended.failure);
  co_return ended.result.going;
}

}  // namespace

namespace steps {

task<Going> run_each(Walk& walk, const playbook::Steps& steps, std::string above) {
  int index = 0;
  for (const playbook::Step& step : steps) {
    ++index;
    const std::string number = above.empty() ? walk.numbers.next() : fmt::format("{}.{}", above, index);
    if (co_await run_one(walk, step, number, above.empty() && &step == &steps.back()) == Going::kEnd)
      co_return Going::kEnd;
  }
  co_return Going::kOn;
}

}  // namespace steps

task<Going> run_steps(Walk& walk, const playbook::Steps& steps, std::string above) {
  int index = 0;
  for (const playbook::Step& step : steps) {
    ++index;
    const std::string number = above.empty() ? walk.numbers.next() : fmt::format("{}.{}", above, index);
    co_await handle_watchers(walk, number);
    if (co_await run_one(walk, step, number, above.empty() && &step == &steps.back()) == Going::kEnd)
      co_return Going::kEnd;
  }
  co_return Going::kOn;
}

task<void> run_watcher(Walk& walk, const playbook::Watcher& watcher, std::string above) {
  walk.tell.on_event(Remark{fmt::format("watcher \"{}\" holds", watcher.name)});
  walk.in_watcher = true;
  co_await steps::run_each(walk, watcher.steps, std::move(above));
  walk.in_watcher = false;  // a failure ends the walk, so that it need not be reset there
}

namespace {

task<StepResult> as_step(const std::function<task<std::string>()>& body) {
  co_return StepResult{co_await body(), Going::kOn};
}

}  // namespace

task<void> run_own_step(Walk& walk, std::string name, std::function<task<std::string>()> body) {
  const std::function<task<StepResult>()> wrapped = [&body] { return as_step(body); };
  Ended ended = co_await run_told(walk, walk.numbers.next(), std::move(name), {}, wrapped);
  if (ended.failure) throw std::move(*ended.failure);
}

task<Failure> with_page(Walk& walk, Failure failure, std::string number, std::string name, SourcePosition at) {
  // Placed already: an inner step has told everything.
  if (failure.position()) co_return failure;
  Failure result = std::move(failure).within(fmt::format("step {} ({})", number, name));
  // An own step of the engine has no place in a file, but is marked all the same, so that outer ones do not say it
  // again.
  if (at.file.empty()) at.file = walk.playbook.file;
  result = std::move(result).at(at);
  if (result.code() == Outcome::kBrowserLost || result.code() == Outcome::kCancelled) co_return result;
  try {
    const auto pictures = walk.secrets_on_page ? browser::Pictures::kSkip : browser::Pictures::kTake;
    browser::Evidence seen = co_await walk.page().evidence(pictures, Deadline::after(walk.context.limits.evidence));
    if (walk.secrets_on_page) {
      seen.outline = mask_secret_like(seen.outline);
      seen.png.clear();
    }
    if (result.code() == Outcome::kPageChanged && !seen.url.empty()) {
      Failure fuller(result.code(), fmt::format("{}; the page is \"{}\" at {}", result.message(), seen.title, seen.url),
                     result.hint());
      result = result.position() ? std::move(fuller).at(*result.position()) : std::move(fuller);
    }
    walk.tell.on_event(PageSeen{number, std::move(seen)});
  } catch (const std::exception&) {
    co_return result;  // what cannot be seen is left out; the failure itself is what counts
  }
  co_return result;
}

}  // namespace totpilot::flow
