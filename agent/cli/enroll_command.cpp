#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/view.h"
#include "agent/services/runs.h"

namespace totpilot::cli {
namespace {

struct EnrollOptions {
  services::Enroll request;
  bool headed = false;
};

std::string words_on_codes(const services::Enrolled& enrolled) {
  if (enrolled.recovery_codes > 0)
    return fmt::format("{} {}; totpilot recovery-codes {}", enrolled.recovery_codes,
                       enrolled.already_on ? "unused" : "saved", enrolled.run.account);
  return enrolled.codes_missing || enrolled.already_on ? "" : "the app has none";
}

int run_enroll(Invocation& invocation, const EnrollOptions& options) {
  invocation.set_subject(options.request.account);
  if (options.headed) invocation.override_setting("browser.headed", "true", "--headed");
  const auto enrolled = invocation.run(services::Act{"run.enroll", options.request.account, {}, {}},
                                       services::enroll(invocation.house(), options.request, invocation.progress()));
  Output& out = invocation.out();
  // MFA is on and proven either way; missing recovery codes are for a person to see to.
  const Outcome outcome = enrolled.codes_missing ? Outcome::kRecoveryCodesNotSaved : Outcome::kOk;
  nlohmann::ordered_json document = services::to_json(enrolled);
  document["outcome"] = outcome_name(outcome);
  out.document(std::move(document));
  out.line(
      fmt::format("MFA of {} is {}{}", enrolled.run.account, out.on_output(Tint::kGood, "on"),
                  enrolled.already_on ? " with the secret in this vault; nothing to do" : ", proven by a fresh login"));
  show_fields(out, {{"factor", enrolled.factor.str()},
                    {"read from", enrolled.source},
                    {"recovery codes", words_on_codes(enrolled)},
                    {"time", for_people(enrolled.run.duration)},
                    {"report", enrolled.run.report_directory}});
  if (enrolled.codes_missing)
    out.warn(
        "the app has recovery codes, but they could not be read: create new ones there, or totpilot recovery-codes " +
        enrolled.run.account + " new");
  return outcome_info(outcome).exit_code;
}

}  // namespace

void add_enroll_command(CommandTree& tree) {
  auto options = std::make_shared<EnrollOptions>();
  CLI::App& command = tree.add(
      {.name = "enroll",
       .summary = "turn MFA on for an account, and prove it",
       .details =
           "Signs in with the stored password, opens the app's MFA setting, captures the TOTP secret, keeps it durably "
           "before any\n"
           "code is sent, submits a code, saves the recovery codes, and signs in once more in a fresh browser with a "
           "code of what\n"
           "the vault gives back. Safe to interrupt and to run again: what an earlier run left open is settled first, "
           "and where MFA\n"
           "is on with the secret kept here there is nothing to do, and it ends well.",
       .examples = {"totpilot enroll work", "totpilot enroll work --headed",
                    "totpilot enroll work --json | jq .recovery_codes"}},
      [options](Invocation& invocation) { return run_enroll(invocation, *options); });
  command.add_option("ACCOUNT", options->request.account, "its name or id")->required();
  command.add_flag("--headed", options->headed, "let a person watch: full Chromium in a window");
  command.add_flag("--accept-rotate", options->request.accept_rotate,
                   "go on although opening the app's set-up page replaces a secret in use");
}

}  // namespace totpilot::cli
