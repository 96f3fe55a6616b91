#pragma once
// FakePage: a page as a list of elements, and how locators and conditions are matched against it.
#include <optional>
#include <string>
#include <vector>

#include "agent/browser/locator.h"

namespace totpilot::fakes {

struct Element {
  std::string id = {};  // its test id; also found by css "#id"
  std::string role = {};
  std::string name = {};
  std::string text = {};
  std::optional<browser::FieldKind> field = {};
  std::string form = {};  // elements of one form; its submit button has role "button" and `submits`
  bool submits = false;
  std::string inside = {};  // id of the element around it
  std::string uri = {};     // a picture that decodes to this
  std::string value = {};
  bool checked = false;
};

struct FakePage {
  std::string path;
  std::string title;
  std::vector<Element> elements;
};

/// Indexes of all matches, in page order.
std::vector<std::size_t> matches(const FakePage& page, const browser::Locator& locator);
bool holds(const FakePage& page, const browser::Condition& condition);

}  // namespace totpilot::fakes
