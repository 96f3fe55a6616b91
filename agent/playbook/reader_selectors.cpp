// Locators and conditions: which element is meant, and what shows.
#include <fmt/format.h>

#include <algorithm>

#include "agent/playbook/reader.h"
#include "agent/playbook/table.h"

namespace totpilot::playbook {
namespace {

using Kind = Locator::Kind;

bool is_kind(std::string_view key) { return contains(locator_kinds(), key, &KeyInfo::name); }
bool is_modifier(std::string_view key) { return contains(locator_modifiers(), key, &KeyInfo::name); }

std::vector<std::string_view> all_names() {
  std::vector<std::string_view> names;
  for (const KeyInfo& info : locator_kinds()) names.push_back(info.name);
  for (const KeyInfo& info : locator_modifiers()) names.push_back(info.name);
  return names;
}

/// What other tools call it.
std::string hint_for_locator(std::string_view key) {
  if (key == "xpath") return "XPath is not supported: use role, label, text or css";
  if (key == "id") return "write css: \"#the-id\"";
  if (key == "selector") return "write css: \"...\"";
  if (key == "x" || key == "y" || key == "position") return "an element is never named by coordinates";
  if (key == "nth" || key == "index" || key == "first" || key == "last")
    return "a locator means one element: narrow it down with within, has_text or css :nth-child()";
  return yaml::suggest(key, all_names());
}

bool has_texts(Kind kind) {
  return kind == Kind::kRole || kind == Kind::kLabel || kind == Kind::kText || kind == Kind::kPlaceholder ||
         kind == Kind::kTestId;
}

}  // namespace

std::optional<Locator> Reader::locator(const yaml::Node& node) {
  if (node.is_scalar()) {
    report(
        yaml::problem(node, "a locator must be a map that says how the element is found",
                      fmt::format("did you mean {{ text: \"{0}\" }} or {{ css: \"{0}\" }}?", node.text.substr(0, 60))));
    return std::nullopt;
  }
  if (!is_map(node, "a locator")) return std::nullopt;
  const std::size_t before = diagnostics_.size();
  const yaml::Entry* kind = nullptr;
  for (const yaml::Entry& entry : node.entries) {
    if (is_kind(entry.key)) {
      if (kind) {
        report({.at = entry.at,
                .message = fmt::format("a locator finds its element in one way, but here are both {} and {}", kind->key,
                                       entry.key),
                .suggestion = "to look inside another element, use within; for alternatives, any_of",
                .rule = "two-kinds"});
      } else {
        kind = &entry;
      }
    } else if (!is_modifier(entry.key)) {
      report({.at = entry.at,
              .message = fmt::format("there is no key \"{}\" in a locator", entry.key.substr(0, 60)),
              .suggestion = hint_for_locator(entry.key),
              .rule = "unknown-key"});
    }
  }
  Locator result;
  if (kind) {
    locator_kind(*kind, result);
  } else if (diagnostics_.size() == before) {
    report(yaml::problem(
        node, "a locator needs one of role, label, text, placeholder, test_id, css, field, submit_of and any_of", {},
        "missing-key"));
  }
  for (const yaml::Entry& entry : node.entries)
    if (kind && is_modifier(entry.key)) locator_modifier(entry, result);
  if (diagnostics_.size() != before) return std::nullopt;
  return result;
}

void Reader::locator_kind(const yaml::Entry& entry, Locator& locator) {
  const yaml::Node& value = entry.value;
  const auto with_words = [&](Kind kind) {
    locator.kind = kind;
    if (auto given = words(value)) locator.texts = *std::move(given);
  };
  if (entry.key == "role") {
    locator.kind = Kind::kRole;
    const std::vector<std::string_view> roles(aria_roles().begin(), aria_roles().end());
    const auto word = take(yaml::text(value));
    if (word && !contains(roles, *word)) {
      const auto near = yaml::nearest(*word, roles);
      report(yaml::problem(
          value, fmt::format("there is no ARIA role \"{}\"", *word),
          near ? fmt::format("did you mean \"{}\"?", *near) : "as in button, link, textbox, checkbox, heading, alert",
          "role"));
    }
    if (word) locator.role = *word;
  } else if (entry.key == "label") {
    with_words(Kind::kLabel);
  } else if (entry.key == "text") {
    with_words(Kind::kText);
  } else if (entry.key == "placeholder") {
    with_words(Kind::kPlaceholder);
  } else if (entry.key == "test_id") {
    with_words(Kind::kTestId);
  } else if (entry.key == "css") {
    locator.kind = Kind::kCss;
    if (auto css = take(yaml::text(value))) locator.css = *std::move(css);
    if (value.is_scalar() && value.text.find_first_not_of(" \t\n") == std::string::npos)
      report(yaml::problem(value, "this selector is empty"));
  } else if (entry.key == "field") {
    locator.kind = Kind::kField;
    const std::vector<std::string_view> kinds(field_kinds().begin(), field_kinds().end());
    if (const auto index = choice(value, kinds)) locator.field = static_cast<browser::FieldKind>(*index);
  } else if (entry.key == "submit_of") {
    locator.kind = Kind::kSubmitOf;
    if (auto inner = this->locator(value)) locator.of = std::make_shared<const Locator>(*std::move(inner));
  } else if (entry.key == "any_of") {
    locator.kind = Kind::kAnyOf;
    if (auto alternatives = locators(value)) {
      locator.alternatives = *std::move(alternatives);
      if (locator.alternatives.size() == 1)
        report(yaml::problem(value, "any_of with one alternative", "write the alternative itself"));
    }
  }
}

void Reader::locator_modifier(const yaml::Entry& entry, Locator& locator) {
  const auto refuse = [&](std::string message) {
    report({.at = entry.at, .message = std::move(message), .suggestion = {}, .rule = "misplaced-key"});
  };
  const auto nested = [&]() -> std::shared_ptr<const Locator> {
    auto inner = this->locator(entry.value);
    return inner ? std::make_shared<const Locator>(*std::move(inner)) : nullptr;
  };
  if (entry.key == "name") {
    if (locator.kind != Kind::kRole)
      return refuse("name is the accessible name beside a role; other locators have none");
    if (auto given = words(entry.value)) locator.texts = *std::move(given);
  } else if (entry.key == "exact") {
    if (!has_texts(locator.kind))
      return refuse("exact says how a name, label, text or placeholder is compared; there is none here");
    locator.exact = boolean(entry.value).value_or(false);
  } else if (entry.key == "within") {
    locator.within = nested();
  } else if (entry.key == "frame") {
    locator.frame = nested();
  } else if (entry.key == "has_text") {
    locator.has_text = take(yaml::text(entry.value));
    if (locator.has_text && locator.has_text->empty())
      report(yaml::problem(entry.value, "an empty text matches everything"));
  } else if (entry.key == "checked") {
    locator.checked = boolean(entry.value);
  }
}

std::optional<std::vector<Locator>> Reader::locators(const yaml::Node& node) {
  if (!node.is_sequence() || node.items.empty()) {
    report(yaml::problem(node, "this must be a list of locators", "as in [{ label: Code }, { css: \"#code\" }]"));
    return std::nullopt;
  }
  std::vector<Locator> result;
  for (const yaml::Node& item : node.items)
    if (auto one = locator(item)) result.push_back(*std::move(one));
  if (result.size() != node.items.size()) return std::nullopt;
  return result;
}

std::optional<Condition> Reader::condition(const yaml::Node& node) {
  const bool spelled_out =
      node.is_map() && std::ranges::any_of(condition_keys(), [&](const auto& key) { return node.find(key.info.name); });
  Condition result;
  if (!spelled_out) {
    // A locator alone is the commonest condition: it shows.
    auto shown = locator(node);
    if (!shown) return std::nullopt;
    result.shows = *std::move(shown);
    return result;
  }
  const std::size_t before = diagnostics_.size();
  for (const yaml::Entry& entry : node.entries) {
    if (is_kind(entry.key)) {
      report({.at = entry.at,
              .message = fmt::format("a locator stands beside the other parts of a condition: {}", entry.key),
              .suggestion = fmt::format("write shows: {{ {}: ... }}", entry.key),
              .rule = "misplaced-key"});
    }
  }
  if (diagnostics_.size() == before) read_record(node, condition_keys(), "a condition", result, *this);
  if (diagnostics_.size() != before) return std::nullopt;
  return result;
}

}  // namespace totpilot::playbook
