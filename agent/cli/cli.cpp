#include "agent/cli/cli.h"

#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/formatter.h"
#include "agent/cli/run_failure.h"
#include "agent/cli/usage.h"
#include "agent/cli/version.h"

namespace totpilot::cli {
namespace {

constexpr std::string_view kFooter = R"(
First steps:
  totpilot vault init
  totpilot account add work --app redmine --url https://redmine.example --username alice
  totpilot enroll work
  totpilot login work --export session.json
  totpilot code work

totpilot COMMAND --help says more; totpilot help exit-codes lists outcomes; every command takes --json.
)";

void add_global_options(CLI::App& root, GlobalOptions& options) {
  root.add_option("--config", options.config_file, "the settings' file, instead of the usual places")
      ->type_name("FILE");
  root.add_option("--state", options.state_directory, "the state directory")->type_name("DIR");
  root.add_option("--key-dir", options.key_directory, "the key directory")->type_name("DIR");
  root.add_option("--escrow-dir", options.escrow_directory,
                  "the directory of the escrow copies; default with --state: DIR-escrow, beside it")
      ->type_name("DIR");
  root.add_option("--playbook", options.playbook, "follow this playbook instead of the installed one")
      ->type_name("FILE");
  root.add_option("--timeout", options.timeout, "how long a whole run may take: 90s, 5m")->type_name("DURATION");
  options.passphrase.add_options(root);
  root.add_option("--kit-file", options.kit_file, "open the vault with the printed kit, typed into this file")
      ->type_name("FILE");
  root.add_flag("--json", options.json, "exactly one JSON document on standard output");
  auto* verbose = root.add_flag("-v,--verbose", options.verbose, "say more; twice: what the browser does");
  root.add_flag("--local", options.local, "do the work here, also where a daemon answers");
  root.add_flag("-q,--quiet", options.quiet, "no progress, no notes")->excludes(verbose);
}

void add_commands(CommandTree& tree) {
  add_account_commands(tree);
  add_enroll_command(tree);
  add_login_command(tree);
  add_code_command(tree);
  add_recovery_codes_command(tree);
  add_check_command(tree);
  add_disable_command(tree);
  add_recover_command(tree);
  add_factor_commands(tree);
  add_playbook_commands(tree);
  add_vault_commands(tree);
  add_backup_command(tree);
  add_restore_command(tree);
  add_session_commands(tree);
  add_job_commands(tree);
  add_schedule_commands(tree);
  add_campaign_commands(tree);
  add_serve_command(tree);
  add_people_commands(tree);
  add_token_commands(tree);
  add_audit_commands(tree);
  add_config_commands(tree);
  add_doctor_command(tree);
  add_help_command(tree);
  add_version_command(tree);
}

bool asked_for_json(int argc, const char* const* argv) {
  return std::any_of(argv + 1, argv + argc, [](const char* word) { return std::string_view(word) == "--json"; });
}

/// Commands that settle interrupted enrollments themselves need no warning of them.
Invocation::Interrupted interrupted_by(const std::string& command) {
  const bool settles = command == "enroll" || command == "login" || command == "recover";
  return settles ? Invocation::Interrupted::kSettledHere : Invocation::Interrupted::kWarn;
}

int run_chosen(const CommandTree& tree, const GlobalOptions& options, const Wiring& wiring) {
  const Loudness loudness = options.quiet         ? Loudness::kQuiet
                            : options.verbose > 0 ? Loudness::kVerbose
                                                  : Loudness::kNormal;
  Output output(options.json ? Shape::kJson : Shape::kText, loudness);
  Invocation invocation(options, output, wiring, tree.chosen_name());
  try {
    const int status = tree.chosen()(invocation);
    invocation.show_notices(interrupted_by(tree.chosen_name()));
    return status;
  } catch (const Failure& failure) {
    return show_failure(output, failure, invocation.subject());
  } catch (const std::bad_alloc&) {
    return show_failure(output, Failure(Outcome::kInternal, "there was not enough memory"));
  } catch (const std::exception&) {
    // Not its what(): a library's text may quote what it was given.
    return show_failure(output, Failure(Outcome::kInternal, "an unexpected error ended the command"));
  }
}

}  // namespace

int run(int argc, const char* const* argv, const Wiring& wiring) {
  CLI::App root("totpilot turns MFA on for web accounts, proves it, and signs in with it", "totpilot");
  root.footer(std::string(kFooter));
  root.set_help_flag("-h,--help", "print this help");
  root.set_version_flag("--version", fmt::format("totpilot {}", kVersion), "print the version");
  root.require_subcommand(0, 1);
  root.formatter(std::make_shared<HelpFormatter>());
  GlobalOptions options;
  add_global_options(root, options);
  CommandTree tree(root);
  add_commands(tree);
  try {
    root.parse(argc, argv);
  } catch (const CLI::Success& wanted) {  // --help, --version
    return root.exit(wanted);
  } catch (const CLI::ParseError& error) {
    Output output(asked_for_json(argc, argv) ? Shape::kJson : Shape::kText, Loudness::kNormal);
    return show_failure(output, usage_failure(root, error));
  }
  if (!tree.chosen()) {
    Output output(options.json ? Shape::kJson : Shape::kText, Loudness::kNormal);
    if (options.json) return show_failure(output, Failure(Outcome::kUsage, "no command was given", "totpilot --help"));
    std::fputs(root.help().c_str(), stdout);
    return outcome_info(Outcome::kUsage).exit_code;
  }
  return run_chosen(tree, options, wiring);
}

}  // namespace totpilot::cli
