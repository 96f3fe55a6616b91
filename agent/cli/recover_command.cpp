#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/run_failure.h"
#include "agent/cli/view.h"
#include "agent/services/runs.h"

namespace totpilot::cli {
namespace {

struct Worst {
  Outcome outcome = Outcome::kOk;
  std::string account;
};

/// The worst of all, so that a script sees that something is left to do.
Worst worst_of(const services::Recovered& recovered) {
  Worst worst;
  for (const auto* list : {&recovered.settled, &recovered.failed})
    for (const auto& one : *list)
      if (outcome_info(one.outcome).exit_code > outcome_info(worst.outcome).exit_code)
        worst = {one.outcome, one.account};
  return worst;
}

int run_recover(Invocation& invocation, const services::Recover& request) {
  invocation.set_subject(request.account);
  const auto recovered = invocation.run(services::Act{"run.recover", request.account, {}, {}},
                                        services::recover(invocation.house(), request, invocation.progress()));
  const auto [worst, account] = worst_of(recovered);
  Output& out = invocation.out();
  nlohmann::ordered_json document = services::to_json(recovered);
  document["outcome"] = outcome_name(worst);
  out.document(std::move(document));
  if (recovered.settled.empty() && recovered.failed.empty()) {
    out.line("nothing was left open");
    return 0;
  }
  for (const auto& one : recovered.settled)
    out.line(fmt::format("{}: {} -> {}{}", one.account, one.from_state, one.to_state,
                         one.message.empty() ? "" : " (" + printable(one.message) + ")"));
  for (const auto& one : recovered.failed)
    out.line(fmt::format("{}: {}: {}", one.account, out.on_output(Tint::kBad, outcome_name(one.outcome)),
                         printable(one.message)));
  if (worst != Outcome::kOk)
    out.note(fmt::format("next: {}", with_account(std::string(outcome_info(worst).next_step), account)));
  return outcome_info(worst).exit_code;
}

}  // namespace

void add_recover_command(CommandTree& tree) {
  auto request = std::make_shared<services::Recover>();
  CLI::App& command =
      tree.add({.name = "recover",
                .summary = "settle what an interrupted run left open",
                .details = "Asks the app how it stands, by signing in; never submits on a set-up page. Without "
                           "ACCOUNT: all accounts with an\n"
                           "open enrollment. Safe to repeat. Every secret that was ever captured is kept.",
                .examples = {"totpilot recover", "totpilot recover work"}},
               [request](Invocation& invocation) { return run_recover(invocation, *request); });
  command.add_option("ACCOUNT", request->account, "its name or id; default: all that need it");
}

}  // namespace totpilot::cli
