#include "agent/yaml/diagnostic.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

namespace totpilot::yaml {
namespace {

constexpr std::size_t kShownWidth = 160;

std::string_view line_of(std::string_view text, int line) {
  std::size_t begin = 0;
  for (int at = 1; at < line; ++at) {
    begin = text.find('\n', begin);
    if (begin == std::string_view::npos) return {};
    ++begin;
  }
  std::string_view rest = text.substr(std::min(begin, text.size()));
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

/// The line with the caret below the byte `column` (from 1).
std::string excerpt(std::string_view line, int column) {
  std::size_t caret = std::min(static_cast<std::size_t>(std::max(column, 1)) - 1, line.size());
  std::string before = "    ";
  if (line.size() > kShownWidth && caret > kShownWidth / 2) {
    std::size_t cut = caret - kShownWidth / 2;
    while (cut < caret && continues_character(line[cut])) ++cut;
    line.remove_prefix(cut);
    caret -= cut;
    before += "...";
  }
  std::string after;
  if (line.size() > kShownWidth) {
    std::size_t cut = kShownWidth;
    while (cut > caret && continues_character(line[cut])) --cut;
    line = line.substr(0, cut);
    after = "...";
  }
  std::string shown, padding(before.size(), ' ');
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    shown += byte == '\t' ? ' ' : byte < 0x20 || byte == 0x7F ? '?' : line[i];
    if (i < caret && !continues_character(line[i])) padding += ' ';
  }
  return fmt::format("{}{}{}\n{}^\n", before, shown, after, padding);
}

/// Edits and swaps of neighbours that turn one word into the other (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

/// Spelling variants that are no slips: case, dashes, blanks.
std::string folded(std::string_view word) {
  std::string result;
  for (const char c : word) result += c == '-' || c == ' ' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return result;
}

}  // namespace

bool has_errors(std::span<const Diagnostic> diagnostics) {
  return std::ranges::any_of(diagnostics, [](const Diagnostic& one) { return one.severity == Severity::kError; });
}

std::vector<Diagnostic> sorted(std::vector<Diagnostic> diagnostics) {
  const auto place = [](const Diagnostic& one) {
    return std::tie(one.at.file, one.at.line, one.at.column, one.severity, one.message);
  };
  std::ranges::sort(diagnostics, [&](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
  const auto repeated = std::ranges::unique(diagnostics, [](const Diagnostic& a, const Diagnostic& b) {
    return a.at == b.at && a.severity == b.severity && a.message == b.message;
  });
  diagnostics.erase(repeated.begin(), repeated.end());
  return diagnostics;
}

std::string render(const Diagnostic& diagnostic, std::string_view text) {
  std::string result =
      fmt::format("{}: {}: {} [{}]\n", to_string(diagnostic.at),
                  diagnostic.severity == Severity::kError ? "error" : "warning", diagnostic.message, diagnostic.rule);
  if (diagnostic.at.line > 0 && !text.empty())
    result += excerpt(line_of(text, diagnostic.at.line), diagnostic.at.column);
  if (!diagnostic.suggestion.empty()) result += fmt::format("  {}\n", diagnostic.suggestion);
  return result;
}

std::string render(std::span<const Diagnostic> diagnostics, std::string_view text) {
  std::string result;
  for (const Diagnostic& one : diagnostics) {
    if (!result.empty()) result += '\n';
    result += render(one, text);
  }
  return result;
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string_view> candidates) {
  // Longer words are not slips; and the table of distances is kept small for hostile input.
  if (word.empty() || word.size() > 64) return std::nullopt;
  const std::string slip = folded(word);
  std::optional<std::string> best;
  std::size_t best_distance = std::max<std::size_t>(1, slip.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t here = distance(slip, folded(candidate));
    if (here < best_distance) {
      best_distance = here;
      best = candidate;
    }
  }
  return best;
}

std::string suggest(std::string_view word, std::span<const std::string_view> candidates) {
  if (const auto near = nearest(word, candidates)) return fmt::format("did you mean \"{}\"?", *near);
  if (candidates.empty() || candidates.size() > 12) return {};
  return fmt::format("what may stand here: {}", fmt::join(candidates, ", "));
}

}  // namespace totpilot::yaml
