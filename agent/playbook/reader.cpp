#include "agent/playbook/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "agent/base/origin.h"
#include "agent/playbook/table.h"

namespace totpilot::playbook {
namespace {

bool is_word(std::string_view text) {
  return !text.empty() && text[0] >= 'a' && text[0] <= 'z' &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

/// What people write for a secret; a playbook types secrets by actions of their own.
std::string hint_for_placeholder(std::string_view name) {
  if (name.find("password") != std::string_view::npos)
    return "a password is typed by fill_password or sign_in, never by fill";
  if (name.find("secret") != std::string_view::npos) return "the TOTP secret can be typed into nothing";
  if (name.find("code") != std::string_view::npos || name.find("totp") != std::string_view::npos)
    return "a code is typed by submit_code or sign_in, never by fill";
  std::vector<std::string_view> names;
  for (const Placeholder& known : placeholders()) names.push_back(known.name);
  return yaml::suggest(name, names);
}

}  // namespace

void Reader::report(yaml::Diagnostic diagnostic) { diagnostics_.push_back(std::move(diagnostic)); }

std::optional<std::string> Reader::string(Type type, const yaml::Node& node) {
  switch (type) {
    case Type::kPath:
      return path(node);
    case Type::kUrlPattern:
      return url_pattern(node);
    case Type::kTemplate:
      return with_placeholders(node);
    case Type::kCodePattern:
      return code_pattern(node);
    default:
      return take(yaml::text(node));
  }
}

std::optional<bool> Reader::boolean(const yaml::Node& node) { return take(yaml::boolean(node)); }

std::optional<int> Reader::integer(const yaml::Node& node, int min, int max) {
  const auto value = take(yaml::integer(node, min, max));
  if (!value) return std::nullopt;
  return static_cast<int>(*value);
}

std::optional<Millis> Reader::timeout(const yaml::Node& node) {
  return take(yaml::duration(node, std::chrono::seconds{1}, std::chrono::minutes{10}));
}

std::optional<std::size_t> Reader::choice(const yaml::Node& node, const std::vector<std::string_view>& choices) {
  const auto word = take(yaml::text(node));
  if (!word) return std::nullopt;
  const auto found = std::ranges::find(choices, *word);
  if (found == choices.end()) {
    report(yaml::problem(node, fmt::format("\"{}\" is not one of the words that may stand here", *word),
                         yaml::suggest(*word, choices)));
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - choices.begin());
}

std::optional<Outcome> Reader::outcome(const yaml::Node& node) {
  std::vector<std::string_view> names;
  for (const Outcome code : playbook_outcomes()) names.push_back(outcome_name(code));
  const auto word = take(yaml::text(node));
  if (!word) return std::nullopt;
  const auto found = std::ranges::find(names, *word);
  if (found != names.end()) return playbook_outcomes()[static_cast<std::size_t>(found - names.begin())];
  const auto near = yaml::nearest(*word, names);
  const bool exists = outcome_from_name(*word).has_value();
  report(yaml::problem(
      node,
      exists ? fmt::format("a playbook cannot end with \"{}\"; only totpilot itself can", *word)
             : fmt::format("there is no outcome \"{}\"", *word),
      near ? fmt::format("did you mean \"{}\"?", *near) : "the reference lists the outcomes: playbooks/README.md"));
  return std::nullopt;
}

std::optional<std::string> Reader::path(const yaml::Node& node) {
  auto text = take(yaml::text(node));
  if (!text) return std::nullopt;
  const auto refuse = [&](std::string message, std::string suggestion = {}) {
    report(yaml::problem(node, std::move(message), std::move(suggestion), "path"));
    return std::nullopt;
  };
  if (text->find("://") != std::string::npos)
    return refuse("an address is given below the account's base URL", "write the path only, beginning with /");
  if (!text->starts_with('/')) return refuse("a path begins with /", fmt::format("did you mean \"/{}\"?", *text));
  if (text->starts_with("//") || text->find("/../") != std::string::npos || text->ends_with("/.."))
    return refuse("this path leaves the account's base URL");
  if (std::ranges::any_of(
          *text, [](char c) { return c == ' ' || c == '\\' || c == '*' || static_cast<unsigned char>(c) < 0x20; }))
    return refuse("a path holds no blanks, backslashes or *", "write a blank as %20");
  return text;
}

std::optional<std::string> Reader::url_pattern(const yaml::Node& node) {
  auto text = take(yaml::text(node));
  if (text && text->empty()) {
    report(yaml::problem(node, "this pattern is empty", "\"/**\" is any address below the account's base URL"));
    return std::nullopt;
  }
  return text;
}

std::optional<std::string> Reader::with_placeholders(const yaml::Node& node) {
  auto text = take(yaml::text(node));
  if (!text) return std::nullopt;
  for (std::size_t begin = text->find('{'); begin != std::string::npos; begin = text->find('{', begin + 1)) {
    const std::size_t end = text->find('}', begin);
    const std::string name = text->substr(begin, end == std::string::npos ? end : end - begin + 1);
    const bool known = std::ranges::any_of(placeholders(), [&](const Placeholder& one) { return one.name == name; });
    if (known) continue;
    report(yaml::problem(node, fmt::format("there is no placeholder {}", name.substr(0, 60)),
                         hint_for_placeholder(name), "unknown-placeholder"));
    return std::nullopt;
  }
  return text;
}

std::optional<std::string> Reader::code_pattern(const yaml::Node& node) {
  auto text = take(yaml::text(node));
  if (!text) return std::nullopt;
  // Literals and classes with counts: no pattern can take long, and the lengths of what it matches are plain to see.
  const auto refuse = [&](std::string message) {
    report(yaml::problem(node, std::move(message),
                         "as in \"[0-9a-f]{4} [0-9a-f]{4}\": characters, [classes] and {counts}", "code-pattern"));
    return std::nullopt;
  };
  bool repeatable = false;
  for (std::size_t i = 0; i < text->size(); ++i) {
    const char c = (*text)[i];
    if (c == '[') {
      const std::size_t end = text->find(']', i + 2);
      if (end == std::string::npos) return refuse("a [ is not closed in this pattern");
      if (text->substr(i + 1, end - i - 1).find_first_of("[\\^") != std::string::npos)
        return refuse("a class in a pattern lists characters and ranges only");
      i = end;
      repeatable = true;
    } else if (c == '{') {
      const std::size_t end = text->find('}', i);
      const std::string count = text->substr(i + 1, end == std::string::npos ? 0 : end - i - 1);
      const std::size_t comma = count.find(',');
      const auto low = yaml::parse_integer(count.substr(0, comma));
      const auto high = comma == std::string::npos ? low : yaml::parse_integer(count.substr(comma + 1));
      if (!repeatable || !low || !high || *low < 0 || *high < *low || *high > 64 || *high == 0)
        return refuse("a count in a pattern is {n} or {n,m}, up to 64, behind a character or a class");
      i = end;
      repeatable = false;
    } else if (std::string_view(R"(\^$.|?*+()]})").find(c) != std::string_view::npos) {
      return refuse(fmt::format("{} has no meaning in a pattern", c));
    } else {
      repeatable = true;
    }
  }
  if (text->empty()) return refuse("this pattern is empty");
  return text;
}

void Reader::word_lists(const yaml::Node& node) {
  if (!is_map(node, "texts")) return;
  for (const yaml::Entry& entry : node.entries) {
    if (!is_word(entry.key))
      report({.at = entry.at,
              .message = "a word list's name has lower case letters, digits and _ only",
              .suggestion = {},
              .rule = "wrong-value"});
    // Known even when its words are wrong, so that no use of it is reported too.
    auto words = take(yaml::texts(entry.value));
    word_lists_[entry.key] = std::move(words).value_or(std::vector<std::string>{});
  }
}

std::optional<std::vector<std::string>> Reader::words(const yaml::Node& node) {
  auto given = take(yaml::texts(node));
  if (!given) return std::nullopt;
  if (node.is_scalar() && node.text.starts_with('$') && is_word(std::string_view(node.text).substr(1))) {
    const auto list = word_lists_.find(node.text.substr(1));
    if (list != word_lists_.end()) return list->second;
    std::vector<std::string_view> names;
    names.reserve(word_lists_.size());
    for (const auto& [name, words] : word_lists_) names.push_back(name);
    report(yaml::problem(node, fmt::format("there is no word list \"{}\" in texts", node.text.substr(1)),
                         names.empty() ? "add it: texts: { name: [words] }" : yaml::suggest(node.text.substr(1), names),
                         "unknown-word-list"));
    return std::nullopt;
  }
  if (std::ranges::any_of(*given,
                          [](const std::string& one) { return one.find_first_not_of(" \t\n") == std::string::npos; })) {
    report(yaml::problem(node, "an empty text matches everything"));
    return std::nullopt;
  }
  return given;
}

std::optional<std::vector<std::string>> Reader::origins(const yaml::Node& node) {
  if (!node.is_sequence()) {
    report(yaml::problem(node, "this must be a list of origins", "as in [\"https://login.example\"]"));
    return std::nullopt;
  }
  std::vector<std::string> result;
  for (const yaml::Node& item : node.items) {
    const auto text = take(yaml::text(item));
    if (!text) continue;
    const auto origin = Origin::parse(*text);
    if (!origin) {
      report(yaml::problem(item, fmt::format("\"{}\" {}", text->substr(0, 80), origin.error()),
                           "as in \"https://login.example\"", "origin"));
    } else if (origin->transport() == Transport::kPlain) {
      report(
          yaml::problem(item, "an origin is https, or http on loopback: secrets go there", "write https://", "origin"));
    } else if (text->find_first_of("/?#", text->find("://") + 3) != std::string::npos) {
      report(
          yaml::problem(item, "an origin has no path", fmt::format("did you mean \"{}\"?", origin->text()), "origin"));
    } else {
      result.push_back(origin->text());
    }
  }
  return result;
}

std::optional<std::map<std::string, std::string>> Reader::versions(const yaml::Node& node) {
  if (!is_map(node, "tested")) return std::nullopt;
  std::map<std::string, std::string> result;
  for (const yaml::Entry& entry : node.entries) {
    if (entry.key_style == yaml::Node::Style::kPlain && !yaml::misread_as(entry.key).empty())
      report({.at = entry.at,
              .message = fmt::format("YAML reads the version {} as {}", entry.key, yaml::misread_as(entry.key)),
              .suggestion = fmt::format("write it in quotes: \"{}\"", entry.key),
              .rule = "wrong-value"});
    const auto date = take(yaml::text(entry.value));
    if (!date) continue;
    const auto digits = [&](std::size_t from, std::size_t count) {
      return date->size() == 10 ? yaml::parse_integer("1" + date->substr(from, count)) : std::unexpected(std::string());
    };
    const auto year = digits(0, 4), month = digits(5, 2), day = digits(8, 2);
    const bool shaped = year && month && day && (*date)[4] == '-' && (*date)[7] == '-';
    const std::chrono::year_month_day when{std::chrono::year(shaped ? static_cast<int>(*year - 10000) : 0),
                                           std::chrono::month(shaped ? static_cast<unsigned>(*month - 100) : 0),
                                           std::chrono::day(shaped ? static_cast<unsigned>(*day - 100) : 0)};
    if (!when.ok()) {
      report(yaml::problem(entry.value, "this must be the day of the test", "in quotes, as in \"2026-11-24\""));
    } else {
      result[entry.key] = *date;
    }
  }
  return result;
}

bool Reader::is_map(const yaml::Node& node, std::string_view what) {
  if (node.is_map()) return true;
  if (node.is_null()) {
    report(yaml::problem(node, fmt::format("{} has no value", what), "where all keys are left out, write {}"));
  } else {
    report(yaml::problem(node, fmt::format("{} must be a map of keys, but it is {}", what, kind_name(node))));
  }
  return false;
}

void Reader::unknown_key(const yaml::Entry& entry, std::string_view what, std::span<const std::string_view> names) {
  report({.at = entry.at,
          .message = fmt::format("there is no key \"{}\" in {}", entry.key.substr(0, 60), what),
          .suggestion = yaml::suggest(entry.key, names),
          .rule = "unknown-key"});
}

void Reader::missing_key(const yaml::Node& node, std::string_view what, std::string_view name) {
  report(yaml::problem(node, fmt::format("{} needs the key \"{}\"", what, name), {}, "missing-key"));
}

}  // namespace totpilot::playbook
