#include "agent/playbook/rules/rules.h"

namespace totpilot::playbook::rules {
namespace {

Findings login_signs_in(const Subject& subject) {
  const Flow& login = subject.playbook().login;
  if (login.steps.empty() || has<SignIn>(login.steps) || has<FillPassword>(login.steps)) return {};
  return {{login.at, "login never gives the password", "begin with - sign_in: {}"}};
}

}  // namespace

constinit const Rule kLoginSignsIn = {
    .id = "login-signs-in",
    .summary = "login gives the password",
    .why = "Proof and recovery sign in from nothing; a login that rests on an old session proves nothing.",
    .bad = R"(flows:
  login:
    - open: /home
)",
    .good = R"(flows:
  login:
    - sign_in: { open: /login }
)",
    .check = login_signs_in,
};

}  // namespace totpilot::playbook::rules
