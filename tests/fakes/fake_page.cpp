#include "tests/fakes/fake_page.h"

#include <algorithm>

namespace totpilot::fakes {
namespace {

using browser::Locator;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool says(const std::string& text, const Locator& locator) {
  return std::ranges::any_of(locator.texts, [&](const std::string& wanted) {
    return locator.exact ? text == wanted : lower(text).find(lower(wanted)) != std::string::npos;
  });
}

bool is_match(const FakePage& page, const Element& element, const Locator& locator) {
  switch (locator.kind) {
    case Locator::Kind::kCss:
      return locator.css == "#" + element.id;
    case Locator::Kind::kTestId:
      return std::ranges::find(locator.texts, element.id) != locator.texts.end();
    case Locator::Kind::kRole:
      return element.role == locator.role && (locator.texts.empty() || says(element.name, locator));
    case Locator::Kind::kText:
      return !element.text.empty() && says(element.text, locator);
    case Locator::Kind::kLabel:
    case Locator::Kind::kPlaceholder:
      return !element.name.empty() && says(element.name, locator);
    case Locator::Kind::kField:
      return element.field == locator.field;
    case Locator::Kind::kSubmitOf: {
      const auto of = matches(page, *locator.of);
      return !of.empty() && element.submits && element.form == page.elements[of.front()].form;
    }
    case Locator::Kind::kAnyOf:
      return false;
  }
  return false;
}

/// "*" within a segment, "**" across.
bool glob(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.starts_with("**")) {
    for (std::size_t at = 0; at <= text.size(); ++at)
      if (glob(pattern.substr(2), text.substr(at))) return true;
    return false;
  }
  if (pattern.front() == '*') {
    for (std::size_t at = 0; at <= text.size(); ++at) {
      if (glob(pattern.substr(1), text.substr(at))) return true;
      if (at < text.size() && text[at] == '/') break;
    }
    return false;
  }
  return !text.empty() && text.front() == pattern.front() && glob(pattern.substr(1), text.substr(1));
}

}  // namespace

std::vector<std::size_t> matches(const FakePage& page, const Locator& locator) {
  if (locator.kind == Locator::Kind::kAnyOf) {
    for (const Locator& one : locator.alternatives)
      if (auto found = matches(page, one); !found.empty()) return found;
    return {};
  }
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < page.elements.size(); ++i) {
    const Element& element = page.elements[i];
    if (!is_match(page, element, locator)) continue;
    if (locator.has_text && (element.text + element.name).find(*locator.has_text) == std::string::npos) continue;
    if (locator.within) {
      const auto around = matches(page, *locator.within);
      if (around.empty() || page.elements[around.front()].id != element.inside) continue;
    }
    found.push_back(i);
  }
  return found;
}

bool holds(const FakePage& page, const browser::Condition& condition) {
  if (condition.shows && matches(page, *condition.shows).empty()) return false;
  if (condition.hides && !matches(page, *condition.hides).empty()) return false;
  return !condition.url || glob(*condition.url, page.path);
}

}  // namespace totpilot::fakes
