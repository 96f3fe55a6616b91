#include "agent/playbook/rules/rules.h"

#include <algorithm>
#include <array>

namespace totpilot::playbook::rules {
namespace {

struct Foreign {
  std::string_view text;
  std::string_view hint;
};

// What other tools add to CSS.
constexpr std::array kForeign = {
    Foreign{":contains(", "use has_text beside css"},
    Foreign{":has-text(", "use has_text beside css"},
    Foreign{":text(", "use text, or has_text beside css"},
    Foreign{":text-is(", "use text with exact: true"},
    Foreign{":visible", "only visible elements are acted on anyway"},
    Foreign{":eq(", "use :nth-child() or :nth-of-type()"},
    Foreign{":nth-match(", "use :nth-child() or within"},
    Foreign{">>", "use within"},
    Foreign{"::", "a pseudo-element is no element"},
};

/// Where the quotes and brackets of a selector go wrong, or nothing.
std::string unbalanced(std::string_view css) {
  std::string open;
  char quote = 0;
  for (std::size_t i = 0; i < css.size(); ++i) {
    const char c = css[i];
    if (c == '\\') {
      ++i;
    } else if (quote) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '(') {
      open += c == '[' ? ']' : ')';
    } else if (c == ']' || c == ')') {
      if (open.empty() || open.back() != c) return fmt::format("a {} closes nothing", c);
      open.pop_back();
    }
  }
  if (quote) return fmt::format("a {} is not closed", quote);
  if (!open.empty()) return fmt::format("a {} is not closed", open.back() == ']' ? '[' : '(');
  return {};
}

/// The selector without its strings, attribute values and blanks at the ends, for looking at its shape.
std::string shape(std::string_view css) {
  std::string result;
  char quote = 0;
  for (const char c : css) {
    if (quote) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else {
      result += c == '\n' || c == '\t' ? ' ' : c;
    }
  }
  result.erase(0, result.find_first_not_of(' '));
  result.erase(result.find_last_not_of(' ') + 1);
  return result;
}

Finding finding(const yaml::Node& node, std::string message, std::string_view hint = {}) {
  return {node.at, std::move(message), std::string(hint)};
}

std::optional<Finding> wrong(const yaml::Node& node) {
  const std::string text = shape(node.text);
  if (text.empty()) return std::nullopt;  // the parser's
  if (text.starts_with("//") || text.starts_with("xpath=") || text.starts_with("(//"))
    return finding(node, "this is XPath, not CSS", "use role, label, text or css");
  if (text.starts_with("text=") || text.starts_with("css=") || text.starts_with("id="))
    return finding(node, "a selector has no prefix here", "css holds the selector alone; for a text use text");
  for (const Foreign& foreign : kForeign)
    if (text.find(foreign.text) != std::string::npos)
      return finding(node, fmt::format("\"{}\" is not CSS", foreign.text), foreign.hint);
  if (const std::string what = unbalanced(node.text); !what.empty()) return finding(node, what + " in this selector");
  if (std::string_view(">+~,").find(text.back()) != std::string_view::npos)
    return finding(node, fmt::format("this selector ends with {}", text.back()));
  if (text.front() == ',' || text.find(",,") != std::string::npos)
    return finding(node, "this selector has an empty part");
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : ' ';
    const bool in_brackets = std::ranges::count(text.substr(0, i), '[') != std::ranges::count(text.substr(0, i), ']');
    if (in_brackets || (text[i] != '#' && text[i] != '.')) continue;
    if (next >= '0' && next <= '9')
      return finding(node, fmt::format("a name in CSS does not begin with a digit: {}{}", text[i], next),
                     "write [id=\"...\"]");
    if (next == ' ' || next == '#' || next == '.')
      return finding(node, fmt::format("a {} without a name behind it", text[i]));
  }
  return std::nullopt;
}

Findings css_syntax(const Subject& subject) {
  Findings result;
  each_entry(subject.root(), [&](const yaml::Entry& entry) {
    if (entry.key != "css" || !entry.value.is_scalar()) return;
    if (auto found = wrong(entry.value)) result.push_back(*std::move(found));
  });
  return result;
}

}  // namespace

constinit const Rule kCssSyntax = {
    .id = "css-syntax",
    .summary = "css holds a CSS selector",
    .why = "The browser refuses anything else, in the middle of a run.",
    .bad = R"yaml(session: { open: /home, in: { css: "a:contains('Log out')" }, out: { url: "/login" } }
)yaml",
    .good = R"yaml(session: { open: /home, in: { css: a, has_text: Log out }, out: { url: "/login" } }
)yaml",
    .check = css_syntax,
    .needs = Completeness::kPart,
};

}  // namespace totpilot::playbook::rules
