#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/json_view.h"
#include "agent/cli/view.h"

namespace totpilot::cli {
namespace {

struct EnrollOptions {
  std::string account;
  bool accept_rotate = false;
  bool headed = false;
};

std::string words_on_codes(const nlohmann::ordered_json& enrolled) {
  const bool already_on = flag_at(enrolled, "already_on");
  if (const auto count = number_at(enrolled, "recovery_codes"); count > 0)
    return fmt::format("{} {}; totpilot recovery-codes {}", count, already_on ? "unused" : "saved",
                       text_at(enrolled, "account"));
  return flag_at(enrolled, "codes_missing") || already_on ? "" : "the app has none";
}

int run_enroll(Invocation& invocation, const EnrollOptions& options) {
  invocation.set_subject(options.account);
  if (options.headed) invocation.show_browser("--headed");
  auto enrolled =
      invocation.perform("run.enroll", {{"account", options.account}, {"accept_rotate", options.accept_rotate}});
  const bool codes_missing = flag_at(enrolled, "codes_missing");
  const std::string account = text_at(enrolled, "account");
  Output& out = invocation.out();
  // MFA is on and proven either way; missing recovery codes are for a person to see to.
  const Outcome outcome = codes_missing ? Outcome::kRecoveryCodesNotSaved : Outcome::kOk;
  enrolled["outcome"] = outcome_name(outcome);
  out.document(enrolled);
  out.line(fmt::format(
      "MFA of {} is {}{}", account, out.on_output(Tint::kGood, "on"),
      flag_at(enrolled, "already_on") ? " with the secret in this vault; nothing to do" : ", proven by a fresh login"));
  show_fields(out, {{"factor", text_at(enrolled, "factor")},
                    {"read from", text_at(enrolled, "source")},
                    {"recovery codes", words_on_codes(enrolled)},
                    {"time", span_at(enrolled, "duration_ms")},
                    {"report", text_at(enrolled, "report")}});
  if (codes_missing)
    out.warn(
        "the app has recovery codes, but they could not be read: create new ones there, or totpilot recovery-codes " +
        account + " new");
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
  command.add_option("ACCOUNT", options->account, "its name or id")->required();
  command.add_flag("--headed", options->headed, "let a person watch: full Chromium in a window");
  command.add_flag("--accept-rotate", options->accept_rotate,
                   "go on although opening the app's set-up page replaces a secret in use");
}

}  // namespace totpilot::cli
