#pragma once
// Command: one entry of the command line: its words, its help, its examples, and what it does. Each command has a file
// of its own with one function that adds it to the tree.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cli/invocation.h"

namespace CLI {
class App;
}

namespace totpilot::cli {

/// Returns the exit status; what fails is thrown.
using Action = std::function<int(Invocation&)>;

struct CommandText {
  std::string name;
  std::string summary;                // one line, no full stop
  std::string details;                // paragraphs for --help; may be empty
  std::vector<std::string> examples;  // whole command lines
};

/// The tree while it is built and after it was parsed.
class CommandTree {
 public:
  explicit CommandTree(CLI::App& root) : root_(root) {}

  CLI::App& root() { return root_; }
  /// A command that only holds others ("account").
  CLI::App& add_group(const CommandText& text);
  CLI::App& add(CLI::App& parent, const CommandText& text, Action action);
  CLI::App& add(const CommandText& text, Action action) { return add(root_, text, std::move(action)); }

  /// What the command line asked for; empty when it named no command.
  const Action& chosen() const { return chosen_; }
  const std::string& chosen_name() const { return chosen_name_; }

 private:
  CLI::App& root_;
  Action chosen_;
  std::string chosen_name_;
};

/// "factor import": the words from below the root.
std::string path_of(const CLI::App& command);

// One per file, in the order of `totpilot --help`.
void add_account_commands(CommandTree& tree);
void add_enroll_command(CommandTree& tree);
void add_login_command(CommandTree& tree);
void add_code_command(CommandTree& tree);
void add_recovery_codes_command(CommandTree& tree);
void add_check_command(CommandTree& tree);
void add_disable_command(CommandTree& tree);
void add_recover_command(CommandTree& tree);
void add_factor_commands(CommandTree& tree);
void add_playbook_commands(CommandTree& tree);
void add_vault_commands(CommandTree& tree);
void add_backup_command(CommandTree& tree);
void add_restore_command(CommandTree& tree);
void add_session_commands(CommandTree& tree);
void add_job_commands(CommandTree& tree);
void add_schedule_commands(CommandTree& tree);
void add_campaign_commands(CommandTree& tree);
void add_serve_command(CommandTree& tree);
void add_people_commands(CommandTree& tree);
void add_token_commands(CommandTree& tree);
void add_audit_commands(CommandTree& tree);
void add_config_commands(CommandTree& tree);
void add_doctor_command(CommandTree& tree);
void add_help_command(CommandTree& tree);
void add_version_command(CommandTree& tree);

}  // namespace totpilot::cli
