#include "agent/playbook/rules/rules.h"

namespace totpilot::playbook::rules {
namespace {

Findings capture_before_submit(const Subject& subject) {
  const auto& enroll = subject.playbook().enroll;
  if (!enroll) return {};
  Findings result;
  bool captured = false;
  const Step* submitted = nullptr;
  each_step(enroll->steps, [&](const Step& step) {
    if (is<CaptureSecret>(step)) {
      if (submitted && !captured)
        result.push_back(
            {step.at, fmt::format("the secret is captured after the code was submitted in line {}", submitted->at.line),
             "move capture_secret before it"});
      captured = true;
    } else if (is<SubmitCode>(step)) {
      if (!captured && !submitted)
        result.push_back(
            {step.at, "a code is submitted before a secret was captured", "put a capture_secret before this step"});
      submitted = &step;
    }
  });
  if (!captured && !submitted) result.push_back({enroll->at, "enroll captures no secret", "add - capture_secret: {}"});
  return result;
}

}  // namespace

constinit const Rule kCaptureBeforeSubmit = {
    .id = "capture-before-submit",
    .summary = "the secret is captured before anything is submitted",
    .why = "Once MFA may be on, a secret that is not stored locks the account's owner out.",
    .bad = R"(flows:
  login:
    - sign_in: {}
  enroll:
    - submit_code: {}
    - capture_secret: {}
)",
    .good = R"(flows:
  login:
    - sign_in: {}
  enroll:
    - capture_secret: {}
    - submit_code: {}
)",
    .check = capture_before_submit,
};

}  // namespace totpilot::playbook::rules
