// reauthenticate, choose_method, trust_device.
#include "agent/flow/signals.h"
#include "agent/flow/steps/steps.h"
#include "agent/flow/words.h"

namespace totpilot::flow::steps {

task<StepResult> reauthenticate(Walk& walk, const playbook::Reauthenticate& action, StepTime time) {
  const browser::Locator password = action.password.value_or(field(browser::FieldKind::kPassword));
  Signals question(walk);
  question.add(Meaning::kGoesOn, action.asked.value_or(shows(password)));
  const auto asked = co_await question.wait({time.whole, std::min(time.span, walk.context.limits.glance)});
  if (!asked) co_return StepResult{"not asked"};

  const Deadline typing = time.fresh();
  co_await walk.page().fill_secret(password, walk.desk.password(typing), typing);
  Signals signals(walk);
  signals.add(Meaning::kFieldGone, hides(password));
  signals.guess_refusals(std::nullopt);
  signals.guess(Meaning::kBadCredentials, shows(any_text(words::bad_credentials())));
  co_await signals.drop_standing(time.fresh());
  co_await walk.page().click(action.press.value_or(submit_of(password)), time.fresh());
  const auto seen = co_await signals.wait(time);
  if (!seen) throw Failure(Outcome::kReauthRequired, "the app asks for the password again and does not take it");
  throw_refusal(*seen);
  co_return StepResult{"password given again"};
}

task<StepResult> choose_method(Walk& walk, const playbook::ChooseMethod& action, StepTime time) {
  std::vector<browser::Condition> any;
  any.reserve(action.prefer.size());
  for (const browser::Locator& one : action.prefer) any.push_back(shows(one));
  // Conditions are looked at in order, so the index is the most preferred of those that show.
  const std::size_t index = co_await walk.page().wait_for(std::move(any), time.fresh());
  co_await walk.page().click(action.prefer.at(index), time.fresh());
  co_return StepResult{to_string(action.prefer.at(index))};
}

task<StepResult> trust_device(Walk& walk, const playbook::TrustDevice& action, StepTime time) {
  std::vector<browser::Condition> any = {walk.playbook.session.in};
  if (action.box) any.push_back(shows(*action.box));
  if (action.press) any.push_back(shows(*action.press));
  const std::size_t index = co_await walk.page().wait_for(std::move(any), time.fresh());
  if (index == 0) co_return StepResult{"not asked"};
  if (action.box)
    co_await walk.page().set_checked(*action.box, action.trust ? browser::Checked::kYes : browser::Checked::kNo,
                                     time.fresh());
  if (action.press) co_await walk.page().click(*action.press, time.fresh());
  co_return StepResult{action.trust ? "trusted" : "not trusted"};
}

}  // namespace totpilot::flow::steps
