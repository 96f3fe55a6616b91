#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/json_view.h"
#include "agent/cli/output_file.h"
#include "agent/cli/view.h"

namespace totpilot::cli {
namespace {

struct LoginOptions {
  std::string account;
  OutputFile session;
  bool headed = false;
};

/// The session that the login left.
std::string state_of(Invocation& invocation, const std::string& account) {
  return invocation.perform("session.get", {{"account", account}}).at("state").dump();
}

int run_login(Invocation& invocation, const LoginOptions& options) {
  invocation.set_subject(options.account);
  if (options.headed) invocation.show_browser("--headed");
  if (options.session.standard_output() && invocation.out().json())
    throw Failure(Outcome::kUsage, "--export - and --json both want standard output", "export to a file");
  options.session.require_writable();
  auto done = invocation.perform("run.login", {{"account", options.account}});
  Output& out = invocation.out();
  if (options.session.standard_output()) {
    out.raw(state_of(invocation, options.account));
    return 0;
  }
  if (options.session.given()) options.session.write(state_of(invocation, options.account));
  done["exported"] =
      options.session.given() ? nlohmann::ordered_json(options.session.path()) : nlohmann::ordered_json();
  out.document(done);
  out.line(fmt::format("signed in to {} {}", text_at(done, "account"),
                       flag_at(done, "code_asked") ? "with a code" : "without being asked for a code"));
  show_fields(out,
              {{"session", options.session.given() ? options.session.path() + " (Playwright's storage state, mode 0600)"
                                                   : "kept in the vault"},
               {"clock", clock_at(done)},
               {"time", span_at(done, "duration_ms")}});
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
  command.add_option("ACCOUNT", options->account, "its name or id")->required();
  options->session.add_options(command, "--export", "write the session to this new file; - for standard output");
  command.add_flag("--headed", options->headed, "let a person watch: full Chromium in a window");
}

}  // namespace totpilot::cli
