#pragma once
// From YAML text to a Playbook, with everything that is wrong with it at once. Pure; any thread.
#include <string>
#include <vector>

#include "agent/playbook/ast.h"
#include "agent/yaml/diagnostic.h"

namespace totpilot::playbook {

struct Parsed {
  Playbook playbook;                          // whole only when ok()
  std::vector<yaml::Diagnostic> diagnostics;  // of the reader, the parser and the lint rules, in the order of the file

  bool ok() const { return !yaml::has_errors(diagnostics); }  // warnings do not stop a run
};

/// Parses and lints. `file` is the name used in positions; `text` and its SHA-256 are kept in the playbook.
Parsed parse(std::string file, std::string text);

/// The playbook, or playbook_invalid with the first error's message, place and suggestion.
Playbook parse_or_throw(std::string file, std::string text);

}  // namespace totpilot::playbook
