#pragma once
// One function per step kind. Each does its act within the step's time and says in a few words what is worth telling.
#include <string>

#include "agent/flow/runner.h"
#include "agent/flow/walk.h"
#include "agent/playbook/ast.h"

namespace totpilot::flow::steps {

/// The action of a step; `number` is the step's, for steps inside it.
task<StepResult> run(Walk& walk, const playbook::Action& action, StepTime time, std::string number);
/// Steps without a look for watchers between them.
task<Going> run_each(Walk& walk, const playbook::Steps& steps, std::string above);

// plain.cpp: one verb of the page each
task<StepResult> open(Walk& walk, const playbook::Open& action, StepTime time);
task<StepResult> click(Walk& walk, const playbook::Click& action, StepTime time);
task<StepResult> check(Walk& walk, const playbook::Check& action, StepTime time);
task<StepResult> select(Walk& walk, const playbook::Select& action, StepTime time);
task<StepResult> press(Walk& walk, const playbook::Press& action, StepTime time);
task<StepResult> wait_for(Walk& walk, const playbook::WaitFor& action, StepTime time);
task<StepResult> dismiss(Walk& walk, const playbook::Dismiss& action, StepTime time);
task<StepResult> follow_new_page(Walk& walk, StepTime time);
task<StepResult> return_to_first_page(Walk& walk, StepTime time);
task<StepResult> answer_dialogs(Walk& walk, const playbook::AnswerDialogs& action);

task<StepResult> fill(Walk& walk, const playbook::Fill& action, StepTime time);
task<StepResult> fill_password(Walk& walk, const playbook::FillPassword& action, StepTime time);
/// ask.cpp: a person gives the value
task<StepResult> ask(Walk& walk, const playbook::Ask& action, StepTime time);
task<StepResult> upload(Walk& walk, const playbook::Upload& action, StepTime time);
task<StepResult> stop(Walk& walk, const playbook::Stop& action);
task<StepResult> one_of(Walk& walk, const playbook::OneOf& action, StepTime time, std::string number);

task<StepResult> sign_in(Walk& walk, const playbook::SignIn& action, StepTime time);
task<StepResult> capture_secret(Walk& walk, const playbook::CaptureSecret& action, StepTime time);
task<StepResult> submit_code(Walk& walk, const playbook::SubmitCode& action, StepTime time);
task<StepResult> save_recovery_codes(Walk& walk, const playbook::SaveRecoveryCodes& action, StepTime time);
task<StepResult> reauthenticate(Walk& walk, const playbook::Reauthenticate& action, StepTime time);
task<StepResult> choose_method(Walk& walk, const playbook::ChooseMethod& action, StepTime time);
task<StepResult> trust_device(Walk& walk, const playbook::TrustDevice& action, StepTime time);

/// Types a code by tickets of `next` until one is typed in time. Waits for windows; the step's time begins anew with
/// each.
task<void> type_code(Walk& walk, browser::Locator into, std::function<task<CodeTicket>()> next, StepTime time);

}  // namespace totpilot::flow::steps
