#include "agent/flow/steps/steps.h"

namespace totpilot::flow::steps {
namespace {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

}  // namespace

task<StepResult> run(Walk& walk, const playbook::Action& action, StepTime time, std::string number) {
  // The actions live in the playbook, which outlives the walk; so the coroutines may hold references to them.
  return std::visit(Overloaded{
                        [&](const playbook::Open& a) { return open(walk, a, time); },
                        [&](const playbook::Click& a) { return click(walk, a, time); },
                        [&](const playbook::Fill& a) { return fill(walk, a, time); },
                        [&](const playbook::FillPassword& a) { return fill_password(walk, a, time); },
                        [&](const playbook::Ask& a) { return ask(walk, a, time); },
                        [&](const playbook::Check& a) { return check(walk, a, time); },
                        [&](const playbook::Select& a) { return select(walk, a, time); },
                        [&](const playbook::Press& a) { return press(walk, a, time); },
                        [&](const playbook::Upload& a) { return upload(walk, a, time); },
                        [&](const playbook::WaitFor& a) { return wait_for(walk, a, time); },
                        [&](const playbook::Dismiss& a) { return dismiss(walk, a, time); },
                        [&](const playbook::FollowNewPage&) { return follow_new_page(walk, time); },
                        [&](const playbook::ReturnToFirstPage&) { return return_to_first_page(walk, time); },
                        [&](const playbook::AnswerDialogs& a) { return answer_dialogs(walk, a); },
                        [&](const playbook::Stop& a) { return stop(walk, a); },
                        [&](const playbook::OneOf& a) { return one_of(walk, a, time, number); },
                        [&](const playbook::SignIn& a) { return sign_in(walk, a, time); },
                        [&](const playbook::CaptureSecret& a) { return capture_secret(walk, a, time); },
                        [&](const playbook::SubmitCode& a) { return submit_code(walk, a, time); },
                        [&](const playbook::SaveRecoveryCodes& a) { return save_recovery_codes(walk, a, time); },
                        [&](const playbook::Reauthenticate& a) { return reauthenticate(walk, a, time); },
                        [&](const playbook::ChooseMethod& a) { return choose_method(walk, a, time); },
                        [&](const playbook::TrustDevice& a) { return trust_device(walk, a, time); },
                    },
                    action);
}

}  // namespace totpilot::flow::steps
