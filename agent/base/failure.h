#pragma once
// Failure: what ends a run. Thrown, never returned; carries a code that callers branch on and words for a person.
// Its texts never hold a secret, a cookie, a query string, or another library's what().
#include <exception>
#include <optional>
#include <string>

#include "agent/base/outcome.h"

namespace totpilot {

/// A place in a text file; line and column count from 1, column in bytes.
struct SourcePosition {
  std::string file;
  int line = 0;
  int column = 0;
  bool operator==(const SourcePosition&) const = default;
};

/// "file:line:column".
std::string to_string(const SourcePosition& position);

class Failure : public std::exception {
 public:
  /// `message` names the thing and the fact, lower case, no full stop. `hint` says what to do where the outcome's own
  /// next step is not exact enough.
  explicit Failure(Outcome code, std::string message, std::string hint = {});

  Outcome code() const { return code_; }
  const std::string& message() const { return message_; }
  /// The given hint, or the outcome's next step.
  std::string hint() const;
  const std::optional<SourcePosition>& position() const { return position_; }
  const char* what() const noexcept override { return message_.c_str(); }

  /// The same failure at a place in the playbook; keeps an earlier place.
  Failure at(SourcePosition position) &&;
  /// The same failure with words before its message: "step 3 (click): ...".
  Failure within(const std::string& where) &&;

 private:
  Outcome code_;
  std::string message_;
  std::string hint_;
  std::optional<SourcePosition> position_;
};

}  // namespace totpilot
