#pragma once
// Diagnostic: one thing that is wrong in a text file, at its place, with what to write instead. Plain data, and how it
// is printed. Shared by playbooks and configuration. Pure; any thread.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/failure.h"

namespace totpilot::yaml {

enum class Severity { kError, kWarning };

struct Diagnostic {
  SourcePosition at;
  Severity severity = Severity::kError;
  std::string message;     // names the thing and the fact, lower case, no full stop
  std::string suggestion;  // a whole clause: "did you mean \"click\"?", "write it in quotes"; may be empty
  std::string rule;        // stable name of the check: "unknown-key", "turns-on-at-exists"
};

bool has_errors(std::span<const Diagnostic> diagnostics);

/// By line and column, errors before warnings of the same place; exact repetitions dropped.
std::vector<Diagnostic> sorted(std::vector<Diagnostic> diagnostics);

/// "file:3:5: error: message [rule]", the line of `text`, a caret below the column, and the suggestion; ends with a
/// newline. Long lines are cut around the caret, control characters shown as "?".
std::string render(const Diagnostic& diagnostic, std::string_view text);
/// All of them, an empty line between.
std::string render(std::span<const Diagnostic> diagnostics, std::string_view text);

/// The candidate that `word` is most likely a slip of (edits and swaps, at most a third of its length); nothing when
/// none is near.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string_view> candidates);
/// `did you mean "click"?`, or the list of what may stand there when it is short, or nothing.
std::string suggest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace totpilot::yaml
