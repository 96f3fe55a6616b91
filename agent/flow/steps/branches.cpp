// one_of and stop: where a flow turns off or ends.
#include <fmt/format.h>

#include "agent/flow/steps/steps.h"

namespace totpilot::flow::steps {

task<StepResult> stop(Walk&, const playbook::Stop& action) {
  if (action.outcome != Outcome::kOk)
    throw Failure(action.outcome, action.message.empty() ? "the playbook stops here" : action.message);
  co_return StepResult{action.message, Going::kEnd};
}

task<StepResult> one_of(Walk& walk, const playbook::OneOf& action, StepTime time, std::string number) {
  std::vector<browser::Condition> conditions;
  conditions.reserve(action.branches.size());
  for (const playbook::Branch& branch : action.branches) conditions.push_back(branch.when);
  const std::size_t index = co_await walk.page().wait_for(std::move(conditions), time.fresh());
  const playbook::Branch& branch = action.branches.at(index);
  if (branch.outcome && *branch.outcome != Outcome::kOk)
    throw Failure(*branch.outcome,
                  branch.message.empty() ? fmt::format("the page shows \"{}\"", branch.name) : branch.message)
        .at(branch.at);
  if (branch.outcome) co_return StepResult{branch.message.empty() ? branch.name : branch.message, Going::kEnd};
  const Going going = co_await run_steps(walk, branch.steps, number);
  co_return StepResult{branch.name, going};
}

}  // namespace totpilot::flow::steps
