#include "agent/yaml/prescan.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/base/encoding.h"

namespace totpilot::yaml {
namespace {

/// yaml-cpp looks for a simple key behind every bracket until the input ends: 10^6 brackets cost it 0.5 s and 274 MB
/// before the first event. A text this unbalanced is no playbook even if all of it stands in comments.
constexpr int kMostOpenBrackets = 500;

/// A mapping key may be at most 1024 characters long (YAML 1.2.2, 7.4); yaml-cpp keeps all candidates of a line. No
/// line of ours is so long.
constexpr std::size_t kLongestLine = 16uz * 1024;

class Scan {
 public:
  Scan(const std::string& file, std::string_view text) : file_(file), text_(text) {}

  std::optional<Diagnostic> run() {
    // Bytes, not characters: is_utf8 has been asked, and everything that is looked for is ASCII.
    int open = 0;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text_[i]);
      const bool line_begins = i == line_start_;
      if (byte == '\n') {
        ++line_;
        line_start_ = i + 1;
        continue;
      }
      if (i - line_start_ > kLongestLine)
        return refuse(i, fmt::format("this line is longer than {} bytes", kLongestLine));
      // 0x04 is yaml-cpp's own mark of the end: it would cut the text short.
      if ((byte < 0x20 && byte != '\t' && byte != '\r') || byte == 0x7F)
        return refuse(i, fmt::format("a control character (0x{:02x}) is not text", byte));
      if (byte == '\r' && (i + 1 == text_.size() || text_[i + 1] != '\n'))
        return refuse(i, "a carriage return without a line feed", "save the file with Unix line ends");
      if (line_begins && byte == '%') return refuse(i, "a directive (%) is not used here");
      if (byte == '[' || byte == '{') {
        if (++open > kMostOpenBrackets)
          return refuse(i, fmt::format("more than {} brackets are open here", kMostOpenBrackets));
      } else if ((byte == ']' || byte == '}') && open > 0) {
        --open;
      }
    }
    return std::nullopt;
  }

 private:
  Diagnostic refuse(std::size_t at, std::string message, std::string suggestion = {}) const {
    return {.at = {file_, line_, static_cast<int>(at - line_start_) + 1},
            .message = std::move(message),
            .suggestion = std::move(suggestion),
            .rule = "yaml"};
  }

  const std::string& file_;
  std::string_view text_;
  int line_ = 1;
  std::size_t line_start_ = 0;
};

Diagnostic refuse_whole(const std::string& file, int line, int column, std::string message,
                        std::string suggestion = {}) {
  return {
      .at = {file, line, column}, .message = std::move(message), .suggestion = std::move(suggestion), .rule = "yaml"};
}

/// The first line that is not UTF-8: text is bad as a whole, so one of them is.
Diagnostic bad_encoding(const std::string& file, std::string_view text) {
  int line = 1;
  while (true) {
    const std::size_t end = text.find('\n');
    const std::string_view here = text.substr(0, end);
    if (!is_utf8(here) || end == std::string_view::npos) {
      // Character by character up to the first bad one.
      std::size_t good = 0;
      while (good < here.size()) {
        std::size_t next = good + 1;
        while (next < here.size() && next < good + 4 && (static_cast<unsigned char>(here[next]) & 0xC0U) == 0x80U)
          ++next;
        if (!is_utf8(here.substr(good, next - good))) break;
        good = next;
      }
      return refuse_whole(file, line, static_cast<int>(good) + 1, "this byte is not UTF-8", "save the file as UTF-8");
    }
    text.remove_prefix(end + 1);
    ++line;
  }
}

}  // namespace

LineIndex::LineIndex(std::string_view text) : text_(text), starts_{0} {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n') starts_.push_back(i + 1);
}

std::size_t LineIndex::offset(int line, int column) const {
  if (line < 0 || column < 0 || static_cast<std::size_t>(line) >= starts_.size()) return text_.size();
  return std::min(starts_[static_cast<std::size_t>(line)] + static_cast<std::size_t>(column), text_.size());
}

char LineIndex::byte_at(int line, int column) const {
  const std::size_t at = offset(line, column);
  return at < text_.size() ? text_[at] : '\0';
}

bool LineIndex::quote_is_closed(int line, int column) const {
  const char quote = byte_at(line, column);
  if (quote != '"' && quote != '\'') return true;
  for (std::size_t i = offset(line, column) + 1; i < text_.size(); ++i) {
    if (quote == '"' && text_[i] == '\\') {
      ++i;
    } else if (text_[i] == quote) {
      if (quote == '"' || i + 1 >= text_.size() || text_[i + 1] != quote) return true;
      ++i;  // '' is one quote inside single quotes
    }
  }
  return false;
}

std::optional<Diagnostic> prescan(const std::string& file, std::string_view text, const Limits& limits) {
  if (text.size() > limits.bytes)
    return refuse_whole(file, 1, 1, fmt::format("the file is larger than {} KiB", limits.bytes / 1024));
  if (!is_utf8(text)) return bad_encoding(file, text);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return Scan(file, text).run();
}

}  // namespace totpilot::yaml
