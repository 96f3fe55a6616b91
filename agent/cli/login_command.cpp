#include <CLI/CLI.hpp>

#include "agent/base/file.h"
#include "agent/cli/command.h"
#include "agent/cli/view.h"
#include "agent/services/runs.h"

namespace totpilot::cli {
namespace {

struct LoginOptions {
  services::Login request;
  std::string export_file;
  bool headed = false;
};

int run_login(Invocation& invocation, const LoginOptions& options) {
  invocation.set_subject(options.request.account);
  if (options.headed) invocation.override_setting("browser.headed", "true", "--headed");
  if (options.export_file == "-" && invocation.out().json())
    throw Failure(Outcome::kUsage, "--export - and --json both want standard output", "export to a file");
  const auto done = invocation.run(services::login(invocation.house(), options.request, invocation.progress()));
  Output& out = invocation.out();
  if (options.export_file == "-") {
    out.raw(done.state.reveal());
    return 0;
  }
  if (!options.export_file.empty()) write_file_atomically(options.export_file, done.state.reveal());
  nlohmann::ordered_json document = services::to_json(done);
  document["exported"] =
      options.export_file.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(options.export_file);
  out.document(std::move(document));
  out.line(fmt::format("signed in to {} {}", done.run.account,
                       done.code_asked ? "with a code" : "without being asked for a code"));
  show_fields(
      out, {{"session", options.export_file.empty() ? "kept in the vault"
                                                    : options.export_file + " (Playwright's storage state, mode 0600)"},
            {"clock", skew_remark(done.skew)},
            {"time", for_people(done.run.duration)}});
  return 0;
}

}  // namespace

void add_login_command(CommandTree& tree) {
  auto options = std::make_shared<LoginOptions>();
  CLI::App& command =
      tree.add({.name = "login",
                .summary = "sign in, with a code where the app asks for one",
                .details = "The session is kept sealed; --export writes it as Playwright's storage state (cookies, "
                           "localStorage, IndexedDB, and\n"
                           "sessionStorage beside them). Whoever has that file is signed in as the account.",
                .examples = {"totpilot login work", "totpilot login work --export session.json",
                             "totpilot login work --export - | jq '.cookies | length'"}},
               [options](Invocation& invocation) { return run_login(invocation, *options); });
  command.add_option("ACCOUNT", options->request.account, "its name or id")->required();
  command.add_option("--export", options->export_file, "write the session to this file; - for standard output")
      ->type_name("FILE");
  command.add_flag("--headed", options->headed, "let a person watch: full Chromium in a window");
}

}  // namespace totpilot::cli
