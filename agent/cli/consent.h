#pragma once
// Consent: a command that takes something away asks before it does, and every such command in the same way: a person at
// a terminal is asked, everybody else says --yes.
#include <string>

namespace CLI {
class App;
}

namespace totpilot::cli {

class Consent {
 public:
  /// Adds --yes.
  void add_option(CLI::App& command);
  /// Returns when it is meant. A no is `cancelled` with `otherwise` as its message; where there is nobody to ask:
  /// needs_input.
  void require(const std::string& question, const std::string& otherwise) const;

 private:
  bool yes_ = false;
};

}  // namespace totpilot::cli
