#include "agent/browser/locator.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace totpilot::browser {
std::string_view field_kind_name(FieldKind kind) {
  switch (kind) {
    case FieldKind::kUsername:
      return "username";
    case FieldKind::kPassword:
      return "password";
    case FieldKind::kNewPassword:
      return "new_password";
    case FieldKind::kCode:
      return "code";
  }
  return "?";
}

namespace {

std::string quoted(const std::vector<std::string>& texts) {
  if (texts.size() == 1) return fmt::format("\"{}\"", texts.front());
  return fmt::format("[\"{}\"]", fmt::join(texts, "\", \""));
}

}  // namespace

std::string to_string(const Locator& locator) {
  std::vector<std::string> parts;
  switch (locator.kind) {
    case Locator::Kind::kRole:
      parts.push_back("role: " + locator.role);
      if (!locator.texts.empty()) parts.push_back("name: " + quoted(locator.texts));
      break;
    case Locator::Kind::kLabel:
      parts.push_back("label: " + quoted(locator.texts));
      break;
    case Locator::Kind::kText:
      parts.push_back("text: " + quoted(locator.texts));
      break;
    case Locator::Kind::kPlaceholder:
      parts.push_back("placeholder: " + quoted(locator.texts));
      break;
    case Locator::Kind::kTestId:
      parts.push_back("test_id: " + quoted(locator.texts));
      break;
    case Locator::Kind::kCss:
      parts.push_back(fmt::format("css: \"{}\"", locator.css));
      break;
    case Locator::Kind::kField:
      parts.push_back(fmt::format("field: {}", field_kind_name(locator.field)));
      break;
    case Locator::Kind::kSubmitOf:
      parts.push_back("submit_of: " + (locator.of ? to_string(*locator.of) : "?"));
      break;
    case Locator::Kind::kAnyOf: {
      std::vector<std::string> each;
      for (const Locator& one : locator.alternatives) each.push_back(to_string(one));
      parts.push_back(fmt::format("any_of: [{}]", fmt::join(each, ", ")));
      break;
    }
  }
  if (locator.exact) parts.emplace_back("exact: true");
  if (locator.has_text) parts.push_back(fmt::format("has_text: \"{}\"", *locator.has_text));
  if (locator.checked) parts.push_back(fmt::format("checked: {}", *locator.checked));
  if (locator.within) parts.push_back("within: " + to_string(*locator.within));
  if (locator.frame) parts.push_back("frame: " + to_string(*locator.frame));
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

std::string to_string(const Condition& condition) {
  std::vector<std::string> parts;
  if (condition.shows) parts.push_back("shows: " + to_string(*condition.shows));
  if (condition.hides) parts.push_back("hides: " + to_string(*condition.hides));
  if (condition.url) parts.push_back(fmt::format("url: \"{}\"", *condition.url));
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

}  // namespace totpilot::browser
