#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/services/doctor.h"

namespace totpilot::cli {
namespace {

int run_doctor(Invocation& invocation) {
  const auto findings = invocation.run(services::examine(invocation.house()));
  Output& out = invocation.out();
  Outcome first = Outcome::kOk;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& one : findings) {
    list.push_back(services::to_json(one));
    const bool good = one.outcome == Outcome::kOk;
    if (!good && first == Outcome::kOk) first = one.outcome;
    out.line(fmt::format("{} {}: {}", good ? out.on_output(Tint::kGood, "✓") : out.on_output(Tint::kBad, "✗"), one.what,
                         printable(one.detail)));
    if (!good) out.line(fmt::format("  next: {}", printable(one.hint)));
  }
  out.document({{"outcome", outcome_name(first)}, {"findings", std::move(list)}});
  return outcome_info(first).exit_code;
}

}  // namespace

void add_doctor_command(CommandTree& tree) {
  tree.add({.name = "doctor",
            .summary = "look whether this machine can do the work",
            .details = "Looks at the disk, the vault, the playbooks and the QR decoder, and starts a browser. Changes "
                       "nothing. Exits with the status of the\n"
                       "first thing that is wrong.",
            .examples = {"totpilot doctor"}},
           &run_doctor);
}

}  // namespace totpilot::cli
