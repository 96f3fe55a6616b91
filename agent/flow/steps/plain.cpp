// Steps that are one verb of the page.
#include "agent/flow/steps/steps.h"

namespace totpilot::flow::steps {

task<StepResult> open(Walk& walk, const playbook::Open& action, StepTime time) {
  co_await walk.open(action.path, time.fresh());
  co_return StepResult{};
}

task<StepResult> click(Walk& walk, const playbook::Click& action, StepTime time) {
  co_await walk.page().click(action.target, time.fresh());
  co_return StepResult{};
}

task<StepResult> check(Walk& walk, const playbook::Check& action, StepTime time) {
  co_await walk.page().set_checked(action.target, action.wanted ? browser::Checked::kYes : browser::Checked::kNo,
                                   time.fresh());
  co_return StepResult{};
}

task<StepResult> select(Walk& walk, const playbook::Select& action, StepTime time) {
  co_await walk.page().select(action.target, action.option, time.fresh());
  co_return StepResult{};
}

task<StepResult> press(Walk& walk, const playbook::Press& action, StepTime time) {
  co_await walk.page().press(action.key, action.target, time.fresh());
  co_return StepResult{};
}

task<StepResult> wait_for(Walk& walk, const playbook::WaitFor& action, StepTime time) {
  std::vector<browser::Condition> any = {action.condition};
  co_await walk.page().wait_for(std::move(any), time.fresh());
  co_return StepResult{};
}

task<StepResult> dismiss(Walk& walk, const playbook::Dismiss& action, StepTime time) {
  const bool there =
      co_await walk.page().click_if_there(action.target, time.fresh().at_most(walk.context.limits.glance));
  co_return StepResult{there ? "dismissed" : "not there"};
}

task<StepResult> follow_new_page(Walk& walk, StepTime time) {
  co_await walk.session.follow_new_page(time.fresh());
  co_return StepResult{};
}

task<StepResult> return_to_first_page(Walk& walk, StepTime time) {
  co_await walk.session.return_to_first_page(time.fresh());
  co_return StepResult{};
}

task<StepResult> answer_dialogs(Walk& walk, const playbook::AnswerDialogs& action) {
  walk.session.answer_dialogs(action.accept ? browser::DialogAnswer::kAccept : browser::DialogAnswer::kDismiss);
  co_return StepResult{};
}

}  // namespace totpilot::flow::steps
