#include <array>

#include "agent/playbook/explain.h"
#include "agent/services/doctor.h"
#include "agent/services/form.h"
#include "agent/services/house.h"
#include "agent/services/perform.h"
#include "agent/services/playbooks.h"

namespace totpilot::services {
namespace {

using enum Scope;

struct NamePlaybook {
  std::string app;
};

struct LintText {
  std::string text;
};

constexpr Form kNamePlaybook{text("app", &NamePlaybook::app, kRequired, "the app's name, as in redmine")};
constexpr Form kLintText{text("text", &LintText::text, kRequired, "the whole playbook, as YAML")};

task<nlohmann::ordered_json> run_list_playbooks(Call& call) {
  check_arguments(call.arguments, {});
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& one : co_await call.house.blocking([&] { return list_playbooks(call.house.config()); }))
    list.push_back(to_json(one));
  co_return nlohmann::ordered_json{{"playbooks", std::move(list)}};
}

/// By the app's name alone: a caller's word is no path of this machine.
task<nlohmann::ordered_json> run_explain_playbook(Call& call) {
  const NamePlaybook request = kNamePlaybook.read(call.arguments);
  co_return nlohmann::ordered_json{{"app", request.app},
                                   {"text", co_await call.house.blocking([&] {
                                      return playbook::explain(call.house.library().find(request.app));
                                    })}};
}

task<nlohmann::ordered_json> run_lint_playbook(Call& call) {
  const LintText request = kLintText.read(call.arguments);
  co_return to_json(co_await call.house.blocking([&] { return lint_playbook_text("playbook.yaml", request.text); }));
}

task<nlohmann::ordered_json> run_playbook_schema(Call& call) {
  check_arguments(call.arguments, {});
  co_return nlohmann::ordered_json::parse(playbook_schema());
}

task<nlohmann::ordered_json> run_doctor(Call& call) {
  check_arguments(call.arguments, {});
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  Outcome first = Outcome::kOk;
  for (const auto& one : co_await examine(call.house)) {
    if (first == Outcome::kOk) first = one.outcome;
    list.push_back(to_json(one));
  }
  co_return nlohmann::ordered_json{{"outcome", outcome_name(first)}, {"findings", std::move(list)}};
}

constexpr std::array kPlaybookRows = {
    Operation{
        "doctor.examine", kRead, "looks whether this machine can do the work", Verb::kGet, "/doctor", {}, &run_doctor},
    Operation{"playbook.explain", kRead, "tells a playbook in plain English", Verb::kGet,
              "/playbooks/{app}/explanation", kNamePlaybook.fields(), &run_explain_playbook},
    Operation{"playbook.lint", kRead, "says all that is wrong with a playbook", Verb::kPost, "/playbooks/lint",
              kLintText.fields(), &run_lint_playbook},
    Operation{"playbook.list",
              kRead,
              "lists the playbooks that can be used",
              Verb::kGet,
              "/playbooks",
              {},
              &run_list_playbooks},
    Operation{"playbook.schema",
              kRead,
              "gives the JSON Schema of playbooks",
              Verb::kGet,
              "/playbooks/schema",
              {},
              &run_playbook_schema},
};

}  // namespace

std::span<const Operation> playbook_operations() { return kPlaybookRows; }

}  // namespace totpilot::services
