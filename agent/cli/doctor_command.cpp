#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/json_view.h"

namespace totpilot::cli {
namespace {

int run_doctor(Invocation& invocation) {
  const auto answer = invocation.perform("doctor.examine");
  Output& out = invocation.out();
  for (const auto& one : answer.at("findings")) {
    const bool good = text_at(one, "outcome") == outcome_name(Outcome::kOk);
    out.line(fmt::format("{} {}: {}", good ? out.on_output(Tint::kGood, "✓") : out.on_output(Tint::kBad, "✗"),
                         text_at(one, "what"), printable(text_at(one, "detail"))));
    if (!good) out.line(fmt::format("  next: {}", printable(text_at(one, "hint"))));
  }
  out.document(answer);
  return outcome_info(outcome_from_name(text_at(answer, "outcome")).value_or(Outcome::kInternal)).exit_code;
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
