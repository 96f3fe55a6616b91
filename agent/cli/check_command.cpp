#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/view.h"
#include "agent/services/runs.h"

namespace totpilot::cli {
namespace {

int run_check(Invocation& invocation, const services::Check& request) {
  invocation.set_subject(request.account);
  const auto checked = invocation.run(services::Act{"run.check", request.account, {}, {}},
                                      services::check(invocation.house(), request, invocation.progress()));
  Output& out = invocation.out();
  out.document(services::to_json(checked));
  const bool good = checked.mfa == "on" && checked.secret_works;
  out.line(fmt::format("MFA of {} is {}{}", checked.run.account,
                       out.on_output(good ? Tint::kGood : Tint::kCaution, checked.mfa),
                       checked.secret_works  ? ", and the app took our code"
                       : checked.mfa == "on" ? ", but the app asked for no code of ours"
                                             : ""));
  show_fields(out, {{"factor", checked.factor.str()},
                    {"clock", skew_remark(checked.skew)},
                    {"time", for_people(checked.run.duration)}});
  return 0;
}

}  // namespace

void add_check_command(CommandTree& tree) {
  auto request = std::make_shared<services::Check>();
  CLI::App& command =
      tree.add({.name = "check",
                .summary = "ask the app whether MFA is on and our secret right",
                .details = "Signs in and looks; changes nothing. Also measures the app's clock against ours.",
                .examples = {"totpilot check work", "totpilot check work --json | jq .mfa"}},
               [request](Invocation& invocation) { return run_check(invocation, *request); });
  command.add_option("ACCOUNT", request->account, "its name or id")->required();
}

}  // namespace totpilot::cli
