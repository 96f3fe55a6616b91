#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/terminal.h"
#include "agent/cli/view.h"
#include "agent/services/runs.h"

namespace totpilot::cli {
namespace {

struct DisableOptions {
  services::Disable request;
  bool yes = false;
};

int run_disable(Invocation& invocation, const DisableOptions& options) {
  invocation.set_subject(options.request.account);
  // A script that names the command means it; a person may have slipped.
  if (!options.yes && is_terminal(Stream::kInput) && !invocation.out().json() &&
      !ask_yes(fmt::format("turn MFA off for {}?", printable(options.request.account)),
               "say that it is meant with --yes"))
    throw Failure(Outcome::kCancelled, "MFA was left on");
  const auto disabled = invocation.run(services::disable(invocation.house(), options.request, invocation.progress()));
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
  CLI::App& command =
      tree.add({.name = "disable",
                .summary = "turn MFA off for an account",
                .details = "Nothing is deleted: the factor becomes superseded, its recovery codes replaced.",
                .examples = {"totpilot disable work", "totpilot disable work --yes"}},
               [options](Invocation& invocation) { return run_disable(invocation, *options); });
  command.add_option("ACCOUNT", options->request.account, "its name or id")->required();
  command.add_flag("--yes", options->yes, "do not ask");
}

}  // namespace totpilot::cli
