// ask: a value that only a person has. The browser stays as it is while they are asked.
#include "agent/flow/steps/steps.h"

namespace totpilot::flow::steps {

task<StepResult> ask(Walk& walk, const playbook::Ask& action, StepTime time) {
  const browser::Locator into = action.into.value_or(field(browser::FieldKind::kCode));
  // Nobody is disturbed before the app really wants it.
  std::vector<browser::Condition> wanted = {shows(into)};
  co_await walk.page().wait_for(std::move(wanted), time.fresh());
  if (!walk.context.ask)
    throw Failure(Outcome::kNeedsInput, "the app wants " + action.what + ", and there is nobody to ask",
                  "let the daemon run it, and give the value to the job when it asks");
  const Deadline::Clock::time_point asked = Deadline::Clock::now();
  Secret answer = co_await walk.context.ask(action.what);
  // A person's time is not the flow's.
  walk.context.deadline = Deadline::at(walk.context.deadline.when() + (Deadline::Clock::now() - asked));
  const StepTime left{walk.context.deadline, time.span};
  co_await walk.page().fill_secret(into, walk.desk.answer(std::move(answer)), left.fresh());
  co_return StepResult{"answered by a person"};
}

}  // namespace totpilot::flow::steps
