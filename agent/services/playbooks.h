#pragma once
// Playbooks: looked at, explained, held to their rules. None of these needs the state directory.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/base/failure.h"
#include "agent/playbook/library.h"

namespace totpilot::config {
struct Config;
}

namespace totpilot::services {

struct DiagnosticView {
  SourcePosition at;
  bool error = true;  // else a warning
  std::string message;
  std::string suggestion;
  std::string rule;
};

struct LintedFile {
  std::string file;
  std::string app;
  int errors = 0;
  int warnings = 0;
  std::vector<DiagnosticView> diagnostics;
  std::string rendered;  // for people: each with its line and a caret; empty when there are none
};

struct PlaybookView {
  std::string app;
  std::string title;
  std::string file;
  std::vector<std::string> tested;  // "2.41.1 (2026-11-24)"
  int errors = 0;
  std::string hides;  // a file of the same app further down the search order
};

/// The folders of the settings, then the usual ones.
playbook::PlaybookLibrary open_library(const config::Config& config);

nlohmann::ordered_json to_json(const LintedFile& linted);
nlohmann::ordered_json to_json(const PlaybookView& playbook);

/// playbook.lint: all that is wrong with a file. not_found or storage_failed when it cannot be read.
LintedFile lint_playbook(const std::filesystem::path& file);
/// The same of a text; `file` is the name that positions have.
LintedFile lint_playbook_text(std::string file, std::string text);
/// Is a playbook meant that has no name but a path?
bool names_a_file(const std::string& playbook);
/// playbook.explain: in plain English. `playbook` is a file, or an app's name.
std::string explain_playbook(const config::Config& config, const std::string& playbook);
/// playbook.list: in search order.
std::vector<PlaybookView> list_playbooks(const config::Config& config);
/// playbook.schema: JSON Schema for editors.
std::string playbook_schema();
/// The language reference (playbooks/README.md).
std::string playbook_reference();

}  // namespace totpilot::services
