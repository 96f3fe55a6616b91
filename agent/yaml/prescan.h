#pragma once
// What is refused before yaml-cpp sees a byte: size, encoding, control characters, directives, absurd nesting. Of this
// room only.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/yaml/reader.h"

namespace totpilot::yaml {

/// Lines of a text by number, as yaml-cpp counts them (from 0, split at line feeds).
class LineIndex {
 public:
  explicit LineIndex(std::string_view text);
  /// NUL outside the text.
  char byte_at(int line, int column) const;
  /// False when a single or double quote stands there and its partner is missing.
  bool quote_is_closed(int line, int column) const;

 private:
  std::size_t offset(int line, int column) const;  // the text's size when outside

  std::string_view text_;
  std::vector<std::size_t> starts_;
};

/// The reason to refuse the text, or nothing. One pass, no recursion.
std::optional<Diagnostic> prescan(const std::string& file, std::string_view text, const Limits& limits);

}  // namespace totpilot::yaml
