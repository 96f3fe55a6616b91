#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/consent.h"
#include "agent/cli/json_view.h"
#include "agent/cli/view.h"

namespace totpilot::cli {
namespace {

struct DisableOptions {
  std::string account;
  Consent consent;
};

int run_disable(Invocation& invocation, const DisableOptions& options) {
  invocation.set_subject(options.account);
  options.consent.require(fmt::format("turn MFA off for {}?", printable(options.account)), "MFA was left on");
  const auto disabled = invocation.perform("run.disable", {{"account", options.account}});
  const std::string account = text_at(disabled, "account");
  const std::string factor = text_at(disabled, "superseded");
  Output& out = invocation.out();
  out.document(disabled);
  out.line(factor.empty() ? fmt::format("MFA of {} was off already", account)
                          : fmt::format("MFA of {} is off; its secret is kept as superseded", account));
  show_fields(out, {{"factor", factor}, {"time", span_at(disabled, "duration_ms")}});
  return 0;
}

}  // namespace

void add_disable_command(CommandTree& tree) {
  auto options = std::make_shared<DisableOptions>();
  CLI::App& command = tree.add(
      {.name = "disable",
       .summary = "turn MFA off for an account",
       .details = "Nothing is deleted: the factor becomes superseded, its recovery codes replaced. Asks first; a "
                  "script says --yes.",
       .examples = {"totpilot disable work", "totpilot disable work --yes"}},
      [options](Invocation& invocation) { return run_disable(invocation, *options); });
  command.add_option("ACCOUNT", options->account, "its name or id")->required();
  options->consent.add_option(command);
}

}  // namespace totpilot::cli
