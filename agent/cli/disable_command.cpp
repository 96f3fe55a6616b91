#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/consent.h"
#include "agent/cli/view.h"
#include "agent/services/runs.h"

namespace totpilot::cli {
namespace {

struct DisableOptions {
  services::Disable request;
  Consent consent;
};

int run_disable(Invocation& invocation, const DisableOptions& options) {
  invocation.set_subject(options.request.account);
  options.consent.require(fmt::format("turn MFA off for {}?", printable(options.request.account)), "MFA was left on");
  const auto disabled = invocation.run(services::Act{"run.disable", options.request.account, {}, {}},
                                       services::disable(invocation.house(), options.request, invocation.progress()));
  Output& out = invocation.out();
  out.document(services::to_json(disabled));
  out.line(disabled.superseded.empty()
               ? fmt::format("MFA of {} was off already", disabled.run.account)
               : fmt::format("MFA of {} is off; its secret is kept as superseded", disabled.run.account));
  show_fields(out, {{"factor", disabled.superseded.str()}, {"time", for_people(disabled.run.duration)}});
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
  command.add_option("ACCOUNT", options->request.account, "its name or id")->required();
  options->consent.add_option(command);
}

}  // namespace totpilot::cli
