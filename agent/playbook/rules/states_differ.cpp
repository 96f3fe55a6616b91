#include "agent/playbook/rules/rules.h"

namespace totpilot::playbook::rules {
namespace {

Findings states_differ(const Subject& subject) {
  Findings result;
  const auto compare = [&](const Condition& a, const Condition& b, std::string_view section, std::string_view first,
                           std::string_view second) {
    if (to_string(a) == to_string(b))
      result.push_back({subject.place({section, second}),
                        fmt::format("{0}.{2} looks just like {0}.{1}", section, first, second),
                        {}});
  };
  const Playbook& playbook = subject.playbook();
  compare(playbook.session.in, playbook.session.out, "session", "in", "out");
  compare(playbook.mfa.disabled, playbook.mfa.enabled, "mfa", "disabled", "enabled");
  if (playbook.mfa.other_method) {
    compare(playbook.mfa.disabled, *playbook.mfa.other_method, "mfa", "disabled", "other_method");
    compare(playbook.mfa.enabled, *playbook.mfa.other_method, "mfa", "enabled", "other_method");
  }
  if (playbook.mfa.not_offered) {
    compare(playbook.mfa.disabled, *playbook.mfa.not_offered, "mfa", "disabled", "not_offered");
    compare(playbook.mfa.enabled, *playbook.mfa.not_offered, "mfa", "enabled", "not_offered");
  }
  return result;
}

}  // namespace

constinit const Rule kStatesDiffer = {
    .id = "states-differ",
    .summary = "two states do not look the same",
    .why = "The engine tells signed in from signed out, and MFA on from off, by these conditions alone.",
    .bad = R"(session: { open: /home, in: { css: "#nav" }, out: { css: "#nav" } }
)",
    .good = R"(session: { open: /home, in: { css: "#nav .logout" }, out: { css: "#nav .login" } }
)",
    .check = states_differ,
};

}  // namespace totpilot::playbook::rules
