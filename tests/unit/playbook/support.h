#pragma once
// For the tests of this room: small playbooks and what is wrong with them.
#include <string>
#include <string_view>

#include "agent/playbook/lint.h"
#include "agent/playbook/parser.h"

namespace totpilot::playbook {

/// A good playbook with these top level sections in place of its own.
inline Parsed parse_sections(std::string_view sections) { return parse("p.yaml", complete_example(sections)); }

/// A good playbook whose login goes on with these steps (each line as it stands below a flow).
inline Parsed parse_steps(std::string_view steps) {
  std::string indented;
  for (std::string_view rest = steps; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    indented += "    " + std::string(rest.substr(0, end)) + "\n";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return parse_sections("flows:\n  login:\n    - sign_in: {}\n" + indented);
}

/// "rule: message" of the first diagnostic; empty when there is none.
inline std::string first_of(const Parsed& parsed) {
  if (parsed.diagnostics.empty()) return {};
  return parsed.diagnostics.front().rule + ": " + parsed.diagnostics.front().message;
}
inline std::string shown(const Parsed& parsed) { return yaml::render(parsed.diagnostics, parsed.playbook.text); }

}  // namespace totpilot::playbook
