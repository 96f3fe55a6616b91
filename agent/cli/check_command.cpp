#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/json_view.h"
#include "agent/cli/view.h"

namespace totpilot::cli {
namespace {

int run_check(Invocation& invocation, const std::string& account) {
  invocation.set_subject(account);
  const auto checked = invocation.perform("run.check", {{"account", account}});
  const std::string mfa = text_at(checked, "mfa");
  const bool works = flag_at(checked, "secret_works");
  Output& out = invocation.out();
  out.document(checked);
  out.line(fmt::format("MFA of {} is {}{}", text_at(checked, "account"),
                       out.on_output(mfa == "on" && works ? Tint::kGood : Tint::kCaution, mfa),
                       works         ? ", and the app took our code"
                       : mfa == "on" ? ", but the app asked for no code of ours"
                                     : ""));
  show_fields(out, {{"factor", text_at(checked, "factor")},
                    {"clock", clock_at(checked)},
                    {"time", span_at(checked, "duration_ms")}});
  return 0;
}

}  // namespace

void add_check_command(CommandTree& tree) {
  auto account = std::make_shared<std::string>();
  CLI::App& command =
      tree.add({.name = "check",
                .summary = "ask the app whether MFA is on and our secret right",
                .details = "Signs in and looks; changes nothing. Also measures the app's clock against ours.",
                .examples = {"totpilot check work", "totpilot check work --json | jq .mfa"}},
               [account](Invocation& invocation) { return run_check(invocation, *account); });
  command.add_option("ACCOUNT", *account, "its name or id")->required();
}

}  // namespace totpilot::cli
