#pragma once
// PlaybookLibrary: where playbooks are looked for, in order; the first folder that has an app wins. Reads files anew at
// each call, so an edited playbook holds for the next job. Any thread.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/playbook/parser.h"

namespace totpilot::playbook {

class PlaybookLibrary {
 public:
  struct Listed {
    std::string app;
    std::string title;
    std::filesystem::path file;
    std::map<std::string, std::string> tested;   // version -> date
    int errors = 0;                              // of `totpilot playbook lint`
    std::optional<std::filesystem::path> hides;  // a file of the same app further down the search order
  };

  /// Folders that hold <app>.yaml, first wins; those that do not exist are skipped.
  explicit PlaybookLibrary(std::vector<std::filesystem::path> directories) : directories_(std::move(directories)) {}

  /// What the setting playbook_directories comes before: /etc/totpilot/playbooks, then ../share/totpilot/playbooks
  /// beside the program, wherever it is installed; a build tree has it too (cmake/install.cmake).
  static std::vector<std::filesystem::path> default_directories();

  /// The playbook of an app. no_playbook (with the nearest name) when there is none, playbook_invalid when it has
  /// errors.
  Playbook find(const std::string& app) const;
  bool has(const std::string& app) const;
  std::vector<Listed> list() const;

  /// One file by its path, whatever app it is for. not_found, playbook_invalid.
  static Playbook load(const std::filesystem::path& file);
  /// For lint: everything that is wrong with a file; throws only when it cannot be read.
  static Parsed check(const std::filesystem::path& file);

 private:
  std::optional<std::filesystem::path> file_of(const std::string& app) const;

  std::vector<std::filesystem::path> directories_;
};

}  // namespace totpilot::playbook
