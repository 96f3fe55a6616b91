#include "agent/flow/recovery_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "agent/base/failure.h"
#include "agent/flow/code_pattern.h"
#include "agent/flow/words.h"
#include "agent/totp/base32.h"

namespace totpilot::flow {
namespace {

constexpr int kFewest = 2;
constexpr int kMost = 40;
constexpr std::size_t kShortestCode = 6;  // letters and digits
constexpr std::size_t kLongestCode = 64;
constexpr std::size_t kLongToken =
    8;  // from here on, tokens of one line are codes of their own rather than groups of one

bool is_code_letter(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A stretch of a text that may be a code.
struct Item {
  std::string_view text;
  std::size_t place = 0;  // index in the page's texts
};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// "3. abcd" and "* abcd" without what counts and marks.
std::string_view without_marker(std::string_view line) {
  std::size_t at = 0;
  while (at < line.size() && at < 3 && is_digit(line[at])) ++at;
  if (at > 0 && at < line.size() && (line[at] == '.' || line[at] == ')' || line[at] == ':') && at + 1 < line.size())
    return trimmed(line.substr(at + 1));
  for (const std::string_view marker :
       {std::string_view("* "), std::string_view("- "), std::string_view("\xE2\x80\xA2")})
    if (line.starts_with(marker)) return trimmed(line.substr(marker.size()));
  return line;
}

std::size_t letters_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, is_code_letter));
}

bool looks_like_date(std::string_view text) {
  // 2024-01-31, 31-01-2024, 2024-01-31 10 15
  const auto digits_only = std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '-' || c == ' '; });
  if (!digits_only || std::ranges::count(text, '-') != 2) return false;
  const std::size_t first = text.find('-');
  const std::size_t second = text.find('-', first + 1);
  return second - first == 3 && (first == 4 || first == 2);
}

bool could_be_code(std::string_view text) {
  if (text.empty() || !is_code_letter(text.front()) || !is_code_letter(text.back())) return false;
  const bool plain = std::ranges::all_of(text, [](char c) { return is_code_letter(c) || c == '-' || c == ' '; });
  const std::size_t letters = letters_in(text);
  return plain && letters >= kShortestCode && letters <= kLongestCode && text.find("  ") == std::string_view::npos &&
         !looks_like_date(text);
}

std::string shape_of(std::string_view text) {
  std::string shape(text);
  std::ranges::transform(shape, shape.begin(), [](char c) { return is_code_letter(c) ? 'x' : c; });
  return shape;
}

bool is_totp_key(std::string_view text, const Secret* key) {
  if (key == nullptr) return false;
  const auto decoded = totp::base32_decode(text);
  return decoded && decoded->same_as(*key);
}

/// Splits a line where columns clearly end: tabs, commas, bars, two spaces.
std::vector<std::string_view> columns_of(std::string_view line) {
  std::vector<std::string_view> columns;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= line.size(); ++at) {
    const bool gap = at == line.size() || line[at] == '\t' || line[at] == ',' || line[at] == ';' || line[at] == '|' ||
                     line.substr(at).starts_with("  ");
    if (!gap) continue;
    const std::string_view column = trimmed(line.substr(begin, at - begin));
    if (!column.empty()) columns.push_back(without_marker(column));
    begin = at + 1;
  }
  return columns;
}

std::vector<std::string_view> tokens_of(std::string_view text) {
  std::vector<std::string_view> tokens;
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    if (const std::string_view token = text.substr(0, end); !token.empty()) tokens.push_back(token);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return tokens;
}

using Group = std::vector<Item>;

void add_distinct(Group& group, const Item& item) {
  if (std::ranges::none_of(group, [&](const Item& seen) { return seen.text == item.text; })) group.push_back(item);
}

/// Candidates by shape. Two readings of each line: a column is one code, or each of its tokens is.
std::map<std::string, Group> grouped(const std::vector<Secret>& folded, const Secret* totp_key) {
  std::map<std::string, Group> groups;
  for (std::size_t place = 0; place < folded.size(); ++place) {
    for (const std::string_view line : lines_of(folded[place].reveal())) {
      for (const std::string_view column : columns_of(line)) {
        if (could_be_code(column) && !is_totp_key(column, totp_key))
          add_distinct(groups[shape_of(column)], {column, place});
        const auto tokens = tokens_of(column);
        if (tokens.size() < 2) continue;
        for (const std::string_view token : tokens)
          if (letters_in(token) >= kLongToken && could_be_code(token) && !is_totp_key(token, totp_key))
            add_distinct(groups[shape_of(token)], {token, place});
      }
    }
  }
  // Words of a menu may be of equal length; codes have digits.
  std::erase_if(groups, [](const auto& entry) {
    const auto with_digit =
        std::ranges::count_if(entry.second, [](const Item& item) { return std::ranges::any_of(item.text, is_digit); });
    return with_digit * 2 < static_cast<std::ptrdiff_t>(entry.second.size());
  });
  return groups;
}

Group by_pattern(const std::vector<Secret>& folded, const CodePattern& pattern, const Secret* totp_key) {
  Group group;
  for (std::size_t place = 0; place < folded.size(); ++place) {
    for (const std::string_view line : lines_of(folded[place].reveal())) {
      for (std::size_t at = 0; at < line.size();) {
        const bool starts = at == 0 || !is_code_letter(line[at - 1]);
        const std::size_t length = starts ? pattern.match_at_start(line.substr(at)) : 0;
        const bool ends = at + length == line.size() || !is_code_letter(line[at + length]);
        if (length > 0 && ends) {
          const std::string_view text = line.substr(at, length);
          if (!is_totp_key(text, totp_key)) add_distinct(group, {text, place});
          at += length;
        } else {
          ++at;
        }
      }
    }
  }
  return group;
}

FoundCodes taken(const Group& group, const PageText& texts) {
  FoundCodes found;
  for (const Item& item : group) found.codes.push_back(Secret::copy_of(item.text));
  found.where = texts[group.front().place].where;
  return found;
}

std::string wanted(const RecoveryRules& rules) {
  return rules.count ? fmt::format("{} codes", *rules.count) : std::string("a list of codes");
}

}  // namespace

std::expected<FoundCodes, std::string> find_recovery_codes(const PageText& texts, const RecoveryRules& rules,
                                                           const Secret* totp_key) {
  std::vector<Secret> folded;
  folded.reserve(texts.size());
  for (const PlacedText& place : texts) folded.push_back(fold_spaces(place.text));

  if (rules.pattern) {
    const auto pattern = CodePattern::compile(*rules.pattern);
    if (!pattern) throw Failure(Outcome::kPlaybookInvalid, "the pattern of save_recovery_codes: " + pattern.error());
    const Group group = by_pattern(folded, *pattern, totp_key);
    if (group.empty()) return std::unexpected("no text matches the pattern of the codes");
    if (rules.count && static_cast<int>(group.size()) != *rules.count)
      return std::unexpected(
          fmt::format("{} texts match the pattern of the codes where {} are expected", group.size(), *rules.count));
    if (static_cast<int>(group.size()) > kMost)
      return std::unexpected(fmt::format("{} texts match the pattern of the codes", group.size()));
    return taken(group, texts);
  }

  std::map<std::string, Group> groups = grouped(folded, totp_key);
  std::size_t nearest = 0;
  for (const auto& [shape, group] : groups) nearest = std::max(nearest, group.size());
  std::erase_if(groups, [&](const auto& entry) {
    const int size = static_cast<int>(entry.second.size());
    return rules.count ? size != *rules.count : size < kFewest || size > kMost;
  });
  if (groups.empty())
    return std::unexpected(nearest == 0 ? fmt::format("no {} is to be seen", wanted(rules))
                                        : fmt::format("the longest list of equal texts has {}, where {} are expected",
                                                      nearest, wanted(rules)));
  if (groups.size() > 1) {
    // A place that says what it is decides; then the longest list.
    const auto says_so = [&](const auto& entry) {
      return words::names_recovery_codes(texts[entry.second.front().place].where);
    };
    if (std::ranges::count_if(groups, says_so) == 1)
      std::erase_if(groups, [&](const auto& entry) { return !says_so(entry); });
    std::size_t longest = 0;
    for (const auto& [shape, group] : groups) longest = std::max(longest, group.size());
    std::erase_if(groups, [&](const auto& entry) { return entry.second.size() < longest; });
  }
  if (groups.size() > 1) return std::unexpected("several lists on the page could be the codes");
  return taken(groups.begin()->second, texts);
}

}  // namespace totpilot::flow
