#include "agent/yaml/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <regex>

namespace totpilot::yaml {
namespace {

struct Unit {
  std::string_view name;
  std::chrono::milliseconds span;
};
// From the largest; "ms" before "m" and "s" is not needed, the name is what follows the digits.
constexpr std::array kUnits = {
    Unit{"d", std::chrono::days{1}},    Unit{"h", std::chrono::hours{1}},         Unit{"m", std::chrono::minutes{1}},
    Unit{"s", std::chrono::seconds{1}}, Unit{"ms", std::chrono::milliseconds{1}},
};

Diagnostic expected(const Node& node, std::string_view wanted, std::string suggestion = {}) {
  if (node.is_null()) return problem(node, fmt::format("{} is missing here", wanted), std::move(suggestion));
  return problem(node, fmt::format("this must be {}, but it is {}", wanted, kind_name(node)), std::move(suggestion));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// YAML 1.2 core schema (10.3.2), and the 1.1 forms that common readers still take: octal, underscores, sexagesimal.
bool reads_as_number(std::string_view plain) {
  if (plain.empty() || plain.size() > 64) return false;
  const bool starts = is_digit(plain[0]) || plain[0] == '+' || plain[0] == '-' || plain[0] == '.';
  if (!starts) return false;
  static const std::regex number(
      R"([-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0[xX][0-9a-fA-F_]+|0b[01_]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?)",
      std::regex::optimize);
  return std::regex_match(plain.begin(), plain.end(), number);
}

bool reads_as_date(std::string_view plain) {
  static const std::regex date(R"([0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].{0,30})?)", std::regex::optimize);
  return plain.size() <= 48 && std::regex_match(plain.begin(), plain.end(), date);
}

}  // namespace

std::string_view misread_as(std::string_view plain) {
  if (plain == "true" || plain == "True" || plain == "TRUE" || plain == "false" || plain == "False" || plain == "FALSE")
    return "a truth value";
  if (plain == "~" || plain == "null" || plain == "Null" || plain == "NULL" || plain.empty()) return "nothing";
  if (reads_as_date(plain)) return "a date";
  if (reads_as_number(plain)) return "a number";
  return {};
}

Diagnostic problem(const Node& node, std::string message, std::string suggestion, std::string rule) {
  return {.at = node.at, .message = std::move(message), .suggestion = std::move(suggestion), .rule = std::move(rule)};
}

Value<std::string> text(const Node& node) {
  if (!node.is_scalar()) return std::unexpected(expected(node, "a text"));
  if (node.style == Node::Style::kPlain) {
    if (const std::string_view other = misread_as(node.text); !other.empty())
      return std::unexpected(problem(node,
                                     fmt::format("this must be a text, but YAML reads {} as {}", node.text, other),
                                     fmt::format("write it in quotes: \"{}\"", node.text)));
  }
  return node.text;
}

Value<bool> boolean(const Node& node) {
  constexpr std::string_view kForms = "write true or false";
  if (!node.is_scalar()) return std::unexpected(expected(node, "true or false"));
  if (node.style == Node::Style::kPlain && node.text == "true") return true;
  if (node.style == Node::Style::kPlain && node.text == "false") return false;
  return std::unexpected(
      problem(node, "this must be true or false", std::string(kForms) + ", in lower case and without quotes"));
}

std::expected<std::int64_t, std::string> parse_integer(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (digits.empty() || !std::ranges::all_of(digits, is_digit) || (digits.size() > 1 && digits[0] == '0'))
    return std::unexpected("this must be a whole number");
  if (error != std::errc{} || end != text.data() + text.size())
    return std::unexpected("this whole number is too large");
  return value;
}

Value<std::int64_t> integer(const Node& node, std::int64_t min, std::int64_t max) {
  if (!node.is_scalar()) return std::unexpected(expected(node, "a whole number"));
  if (node.style == Node::Style::kQuoted)
    return std::unexpected(problem(node, "this must be a whole number, but it is a text", "write it without quotes"));
  const auto value = parse_integer(node.text);
  if (!value) return std::unexpected(problem(node, value.error(), "digits only, as in 10"));
  if (*value < min || *value > max)
    return std::unexpected(problem(node, fmt::format("{} is not within {} and {}", *value, min, max)));
  return *value;
}

std::expected<std::chrono::milliseconds, std::string> parse_duration(std::string_view text) {
  const auto digits = std::ranges::find_if_not(text, is_digit) - text.begin();
  const std::string_view number = text.substr(0, static_cast<std::size_t>(digits));
  const std::string_view name = text.substr(static_cast<std::size_t>(digits));
  const auto unit = std::ranges::find(kUnits, name, &Unit::name);
  const auto count = parse_integer(number);
  if (unit == kUnits.end() || !count) return std::unexpected("this must be a duration such as 500ms, 30s, 1m or 2h");
  if (*count > std::chrono::milliseconds{std::chrono::days{36500}} / unit->span)
    return std::unexpected("this duration is too long");
  return unit->span * *count;
}

std::string to_text(std::chrono::milliseconds duration) {
  if (duration.count() == 0) return "0s";
  for (const Unit& unit : kUnits)
    if (duration % unit.span == std::chrono::milliseconds{0})
      return fmt::format("{}{}", duration / unit.span, unit.name);
  return fmt::format("{}ms", duration.count());
}

Value<std::chrono::milliseconds> duration(const Node& node, std::chrono::milliseconds min,
                                          std::chrono::milliseconds max) {
  if (!node.is_scalar()) return std::unexpected(expected(node, "a duration", "as in 30s or 1m"));
  const auto value = parse_duration(node.text);
  if (!value) {
    const bool bare = parse_integer(node.text).has_value();
    return std::unexpected(problem(node, value.error(), bare ? fmt::format("did you mean {}s?", node.text) : ""));
  }
  if (*value < min || *value > max)
    return std::unexpected(
        problem(node, fmt::format("{} is not within {} and {}", to_text(*value), to_text(min), to_text(max))));
  return *value;
}

Value<std::vector<std::string>> texts(const Node& node) {
  if (node.is_sequence()) {
    if (node.items.empty()) return std::unexpected(problem(node, "this list is empty"));
    std::vector<std::string> result;
    for (const Node& item : node.items) {
      auto one = text(item);
      if (!one) return std::unexpected(one.error());
      result.push_back(*std::move(one));
    }
    return result;
  }
  if (!node.is_scalar()) return std::unexpected(expected(node, "a text or a list of texts"));
  auto one = text(node);
  if (!one) return std::unexpected(one.error());
  return std::vector<std::string>{*std::move(one)};
}

}  // namespace totpilot::yaml
