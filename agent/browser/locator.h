#pragma once
// Locator: how a playbook says which element it means. Plain data; strict (one match, or the candidates are listed).
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace totpilot::browser {

/// What a field is for, where the driver finds it by itself (autocomplete, type, label, name and placeholder, in this
/// order).
enum class FieldKind { kUsername, kPassword, kNewPassword, kCode };
/// As playbooks and page scripts call it: "new_password".
std::string_view field_kind_name(FieldKind kind);

struct Locator;
using LocatorList = std::vector<Locator>;

struct Locator {
  enum class Kind {
    kRole,         // ARIA role in `role`, accessible name in `texts` (any of them; empty: any name)
    kLabel,        // form control by its label or accessible name
    kText,         // smallest element holding the text
    kPlaceholder,  // form control by placeholder
    kTestId,       // value of the app's test id attribute
    kCss,          // CSS selector in `css`
    kField,        // the visible field of `field`, found by its traits
    kSubmitOf,     // the button that submits the form (or dialog) around `of`, found by its traits
    kAnyOf,        // the first of `alternatives` that matches anything
  };

  Kind kind = Kind::kCss;
  std::string role;
  std::vector<std::string> texts;  // names, labels, texts, placeholders, test ids: any one of them
  bool exact = false;  // texts match whole (after folding white space) and with case; else as a part, in any case
  std::string css;
  FieldKind field = FieldKind::kUsername;
  LocatorList alternatives;               // kAnyOf, in order
  std::shared_ptr<const Locator> of;      // kSubmitOf
  std::shared_ptr<const Locator> within;  // search below this element only
  /// Search in the document of this iframe element, which is itself found in the parent document.
  std::shared_ptr<const Locator> frame;
  std::optional<std::string> has_text;  // keep only matches whose text holds this
  std::optional<bool> checked;          // keep only (un)checked or (un)pressed ones
};

/// As a playbook would write it, for messages: `{role: button, name: "Sign in", within: {css: ".card"}}`.
std::string to_string(const Locator& locator);

/// What can be waited for. All parts given must hold at the same time.
struct Condition {
  std::optional<Locator> shows;    // a match is visible (need not be unique)
  std::optional<Locator> hides;    // no match is visible
  std::optional<std::string> url;  // glob over the address without query and fragment: "*" within a segment, "**"
                                   // across; a pattern that begins with "/" is below the account's base URL
};

std::string to_string(const Condition& condition);

}  // namespace totpilot::browser
