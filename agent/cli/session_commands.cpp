// session and exec: a signed-in state for a job that needs one now, from the kept session where that is young enough,
// else by a login.
#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/json_view.h"
#include "agent/cli/output_file.h"
#include "agent/cli/private_file.h"
#include "agent/cli/with_child.h"
#include "agent/yaml/values.h"

namespace totpilot::cli {
namespace {

constexpr const char* kStateVariable = "TOTPILOT_STORAGE_STATE";

struct Wanted {
  std::string account;
  std::string max_age;

  void add_options(CLI::App& command) {
    command.add_option("ACCOUNT", account, "its name or id")->required();
    command
        .add_option("--max-age", max_age, "take the kept session if it is no older, as 30m or 1h; without it sign in")
        ->type_name("DURATION");
  }
  std::int64_t max_age_s() const {
    if (max_age.empty()) return 0;
    const auto span = yaml::parse_duration(max_age);
    if (!span) throw Failure(Outcome::kUsage, "--max-age: " + span.error());
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*span).count();
    if (seconds == 0) throw Failure(Outcome::kUsage, "--max-age: nothing is that young; leave it out to sign in");
    return seconds;
  }
};

nlohmann::ordered_json kept(Invocation& invocation, const std::string& account, std::int64_t max_age_s) {
  return invocation.perform("session.get", {{"account", account}, {"max_age_s", max_age_s}});
}

/// The session, with its state.
nlohmann::ordered_json session_of(Invocation& invocation, const Wanted& wanted) {
  invocation.set_subject(wanted.account);
  const std::int64_t max_age_s = wanted.max_age_s();
  if (max_age_s > 0) {
    try {
      return kept(invocation, wanted.account, max_age_s);
    } catch (const Failure& failure) {
      if (failure.code() != Outcome::kNotFound) throw;  // an unknown account is told by the login
    }
  }
  invocation.perform("run.login", {{"account", wanted.account}});
  return kept(invocation, wanted.account, 0);
}

struct SessionOptions {
  Wanted wanted;
  OutputFile output;
};

int run_session(Invocation& invocation, const SessionOptions& options) {
  options.output.require_writable();
  nlohmann::ordered_json session = session_of(invocation, options.wanted);
  std::string state = session.at("state").dump();
  if (options.output.given()) {
    options.output.write(state);
    session.erase("state");
    session["exported"] = options.output.path();
    invocation.out().document(session);
    invocation.out().line(fmt::format("the session of {} is in {} (Playwright's storage state, mode 0600)",
                                      text_at(session, "account"), options.output.path()));
  } else if (invocation.out().json()) {
    invocation.out().document(session);
  } else {
    invocation.out().raw(state);
  }
  wipe(state);
  return 0;
}

struct ExecOptions {
  Wanted wanted;
  std::vector<std::string> command;
};

int run_exec(Invocation& invocation, const ExecOptions& options) {
  std::string state = session_of(invocation, options.wanted).at("state").dump();
  invocation.leave();  // the command may call us
  const PrivateFile file("storage-state.json", state);
  wipe(state);
  return with_child(options.command, {{kStateVariable, file.path()}});
}

}  // namespace

void add_session_commands(CommandTree& tree) {
  auto session = std::make_shared<SessionOptions>();
  CLI::App& give =
      tree.add({.name = "session",
                .summary = "a signed-in session as Playwright's storage state",
                .details = "With --max-age the kept session if it is young enough, else a fresh login. Whoever has it "
                           "is signed in as the account.",
                .examples = {"totpilot session work --max-age 1h --output state.json"}},
               [session](Invocation& invocation) { return run_session(invocation, *session); });
  session->wanted.add_options(give);
  session->output.add_options(give, "--output", "write it to this new file; without it to standard output");

  auto exec = std::make_shared<ExecOptions>();
  CLI::App& run =
      tree.add({.name = "exec",
                .summary = "run a command with a signed-in session",
                .details = "The command finds the path of Playwright's storage state in TOTPILOT_STORAGE_STATE: a file "
                           "in memory, for this user\n"
                           "alone, which is gone when the command has ended, also if totpilot is killed. The exit "
                           "status is the command's.",
                .examples = {"totpilot exec work --max-age 1h -- node job.js"}},
               [exec](Invocation& invocation) { return run_exec(invocation, *exec); });
  exec->wanted.add_options(run);
  run.add_option("COMMAND", exec->command, "the command and its arguments, behind --")->required();
}

}  // namespace totpilot::cli
