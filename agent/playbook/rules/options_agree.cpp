#include "agent/playbook/rules/rules.h"

namespace totpilot::playbook::rules {
namespace {

Findings options_agree(const Subject& subject) {
  Findings result;
  each_step(subject.playbook(), [&](const Step& step) {
    const auto refuse = [&](std::string_view key, std::string message, std::string suggestion = {}) {
      result.push_back({subject.place(step, key), std::move(message), std::move(suggestion)});
    };
    if (const auto* submit = std::get_if<SubmitCode>(&step.action)) {
      if (submit->pair && !submit->second_into)
        refuse("pair", "two codes are wanted, but there is no field for the second", "add second_into");
      if (!submit->pair && submit->second_into)
        refuse("second_into", "there is a field for a second code, but no second code", "add pair: true");
      if (submit->submits_by_itself && submit->press)
        refuse("press", "the page goes on by itself, so pressing this races with it",
               "keep one of press and submits_by_itself");
    }
    if (const auto* save = std::get_if<SaveRecoveryCodes>(&step.action)) {
      const int ways = (save->copy ? 1 : 0) + (save->download ? 1 : 0) + (save->print ? 1 : 0);
      if (ways > 1)
        refuse(save->copy ? "copy" : "download", "the codes are taken from one place: copy, download or print",
               "keep the surest one");
    }
    if (const auto* sign_in = std::get_if<SignIn>(&step.action);
        sign_in && sign_in->code_press && sign_in->code && to_string(*sign_in->code_press) == to_string(*sign_in->code))
      refuse("code_press", "the code's button is the code's field");
    if (const auto* trust = std::get_if<TrustDevice>(&step.action); trust && !trust->box && !trust->press)
      result.push_back({step.at, "nothing says how the app is answered", "add box or press"});
  });
  return result;
}

}  // namespace

constinit const Rule kOptionsAgree = {
    .id = "options-agree",
    .summary = "the options of an action agree with each other",
    .why = "One of two options that contradict each other would be ignored.",
    .bad = R"(flows:
  login:
    - sign_in: {}
  enroll:
    - capture_secret: {}
    - submit_code: { submits_by_itself: true, press: { role: button, name: Go on } }
)",
    .good = R"(flows:
  login:
    - sign_in: {}
  enroll:
    - capture_secret: {}
    - submit_code: { submits_by_itself: true }
)",
    .check = options_agree,
    .needs = Completeness::kPart,
};

}  // namespace totpilot::playbook::rules
