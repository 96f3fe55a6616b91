// The language reference (playbooks/README.md): the frame in words, everything else from the tables and the lint rules.
#include "agent/playbook/reference.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/playbook/lint.h"
#include "agent/playbook/table.h"

namespace totpilot::playbook {
namespace {

constexpr std::string_view kIntroduction = R"md(# Playbooks

<!-- Made from agent/playbook by playbook_test (TOTPILOT_UPDATE=1 writes it); do not edit. -->

A playbook tells totpilot how one web app shows itself: facts first, then steps. `apps/` holds those we ship, `schema/playbook.schema.json` is
for editors (put `# yaml-language-server: $schema=../schema/playbook.schema.json` in the first line).

```
totpilot playbook lint FILE...      every mistake at once, as file:line:column with a suggestion
totpilot playbook explain FILE      the playbook in plain English
```

Looked for by `--playbook FILE`, then `<app>.yaml` in the folders of `playbook_directories`, in `/etc/totpilot/playbooks`, and among the installed ones.

```yaml
playbook: 1
app: n8n
tested: { "2.41.1": "2026-11-24" }
test_id_attribute: data-test-id
facts: { sign_in_limit: 5 per 1m per account, sign_in_calls: 2, code_reuse: accepted, turns_on_at: save_recovery_codes, recovery_codes: offered }
session: { open: /home/workflows, in: { url: "/home/**" }, out: { url: "/signin**" } }
mfa: { open: /settings/personal, disabled: { test_id: enable-mfa-button }, enabled: { test_id: disable-mfa-button } }
flows:
  login:
    - sign_in: { open: /signin }
  enroll:
    - click: { test_id: enable-mfa-button }
    - capture_secret: { within: { test_id: mfaSetup-modal }, copy: { test_id: mfa-secret-button } }
    - submit_code: { into: { test_id: mfa-token-input }, submits_by_itself: true, accepted: { test_id: mfa-recovery-codes-button } }
    - save_recovery_codes: { count: 10, download: { test_id: mfa-recovery-codes-button }, finish: { test_id: mfa-save-button } }
  disable:
    - click: { test_id: disable-mfa-button }
    - submit_code: { into: { css: "input[name=mfaCodeOrMfaRecoveryCode]" }, press: { test_id: mfa-save-button } }
```

What the engine does by itself, so that no playbook has to: it signs in before `enroll`, opens `mfa.open`, walks `mfa.reach`, and wants
`mfa.disabled` (or ends with `mfa_already_on`, `other_method_on`, `totp_not_offered`); it waits for every element to be ready; it stores the secret
before a code can be made, and the recovery codes before the app's gate is passed; it ends `enroll` on `mfa.enabled`, and proves the result by a
fresh login. There is no sleep, no script, no coordinate, and no way to type the TOTP secret anywhere.

## Rules of the YAML

One document, UTF-8, at most 256 KiB, 32 levels and 10,000 values. No anchors, aliases, merge keys, tags or directives; no key twice.
No plain `on`, `off`, `yes`, `no`: some readers make truth values of them. A text that YAML reads as a number, date or truth value is quoted.
Durations carry their unit: `500ms`, `30s`, `1m`. `file` positions count bytes from 1.
)md";

constexpr std::string_view kLocators = R"md(
## Locators

A locator is a map with exactly one way to find the element, and keys that narrow it down. It is strict: when a step acts, exactly one visible
element must match, or the step fails and lists the candidates. Open and closed shadow roots and same-process frames are searched too; an iframe
of another site needs `frame`.
)md";

constexpr std::string_view kWords = R"md(
Names, labels, texts, placeholders and test ids may be one text or a list, of which any may match: an app's language is often the user's.
Lists that are used more than once have a name in `texts`, and are used as the whole value `$name`:

```yaml
texts:
  sign_in: [Sign in, Anmelden, Se connecter]
session: { open: /home, in: { css: "#home" }, out: { role: button, name: $sign_in } }
```
)md";

constexpr std::string_view kConditions = R"md(
## Conditions

A locator alone is a condition: it shows, that is, a match is visible; it need not be the only one. Spelled out, a condition has
these keys, and all that are given must hold at the same time:
)md";

constexpr std::string_view kSteps = R"md(
## Steps

A step is an action, and beside it, never inside its selectors, its options:

```yaml
- click: { role: button, name: Enable }
  name: open the dialog
  only_if: { text: Two-step verification is off }
  timeout: 30s
```
)md";

constexpr std::string_view kAdding = R"md(
## One more app

1. Try the app by hand and write down where the setting is, how off and on look, what the secret and the recovery codes look like, and which act turns MFA on.
2. Write `apps/<app>.yaml`: prefer attributes that do not depend on the language or the theme (names, test ids, href), then roles and labels.
3. `totpilot playbook lint`, then `totpilot playbook explain`, and read whether that is what you meant.
4. Run `enroll`, `login`, `disable` and `enroll` again against the app, and write its version and the day into `tested`.

One more action, key or lint rule: see `agent/playbook/README.md`.
)md";

class Writer {
 public:
  std::string write() {
    text_ = kIntroduction;
    section("The top level", "", infos(playbook_keys()));
    section("facts", "Everything is optional; the defaults are the careful choice.", infos(facts_keys()));
    section("session", "", infos(session_keys()));
    section("mfa", "The states must be told by something that shows.", infos(mfa_keys()));
    section("flows", "", infos(flow_keys()));
    section("watchers",
            "A list. Before every step the engine looks whether one of them is there, and runs its steps first.",
            infos(watcher_keys()));
    text_ += kLocators;
    table(locator_kinds());
    text_ += "\nNarrowed down by:\n";
    table(locator_modifiers());
    text_ += kWords;
    text_ += kConditions;
    table(infos(condition_keys()));
    text_ += kSteps;
    table(infos(step_keys()));
    all_actions();
    line("\nKeys for `press`: {}, or one character.", code_list(key_names()));
    all_placeholders();
    all_outcomes();
    rules();
    text_ += kAdding;
    return std::move(text_);
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    text_ += fmt::format(format, std::forward<Args>(args)...);
    text_ += '\n';
  }

  template <class List>
  static std::string code_list(const List& words) {
    std::vector<std::string> each;
    each.reserve(words.size());
    for (const std::string_view word : words) each.push_back(fmt::format("`{}`", word));
    return fmt::format("{}", fmt::join(each, ", "));
  }

  static std::string type_words(const KeyInfo& key) {
    switch (key.type) {
      case Type::kText:
        return "text";
      case Type::kTemplate:
        return "text with placeholders";
      case Type::kPath:
        return "path";
      case Type::kUrlPattern:
        return "pattern";
      case Type::kLocator:
        return "locator";
      case Type::kLocators:
        return "list of locators";
      case Type::kCondition:
        return "condition";
      case Type::kSteps:
        return "steps";
      case Type::kBranches:
        return "list of branches";
      case Type::kWatchers:
        return "list of watchers";
      case Type::kBoolean:
        return "true or false";
      case Type::kInteger:
        return key.range.min == key.range.max ? fmt::format("{}", key.range.min)
                                              : fmt::format("{} to {}", key.range.min, key.range.max);
      case Type::kDuration:
        return "duration";
      case Type::kChoice:
        return key.choices.size() > 12 ? "ARIA role" : code_list(key.choices);
      case Type::kOutcome:
        return "outcome";
      case Type::kRate:
        return "`N per DURATION per account`";
      case Type::kCodePattern:
        return "pattern of a code";
      case Type::kOrigins:
        return "list of origins";
      case Type::kVersions:
        return "map of version to date";
      case Type::kWordLists:
        return "map of name to words";
      case Type::kWords:
        return "text, or list of texts";
      case Type::kRecord:
        return fmt::format("see [{0}](#{0})", key.record);
    }
    return "?";
  }

  /// In a table cell a vertical bar would end the cell.
  static std::string cell(std::string_view text) {
    std::string result;
    for (const char c : text) result += c == '|' ? std::string("\\|") : std::string(1, c);
    return result;
  }

  void table(const std::vector<KeyInfo>& keys) {
    line("\n| key | value | meaning | without it |\n|---|---|---|---|");
    for (const KeyInfo& key : keys)
      line("| `{}` | {} | {} | {} |", key.name, cell(type_words(key)), cell(key.doc),
           key.required ? "**required**" : cell(key.fallback));
  }

  void section(std::string_view title, std::string_view words, const std::vector<KeyInfo>& keys) {
    line("\n## {}", title);
    if (!words.empty()) line("\n{}", words);
    table(keys);
  }

  void all_actions() {
    for (const ActionInfo& action : actions()) {
      line("\n### {}\n\n{}\n\n```yaml\n{}\n```", action.name, action.doc, action.example);
      if (action.value) {
        line("\nTakes a {}.", action.choices.empty() ? type_words({.name = action.name, .type = *action.value})
                                                     : "word: " + code_list(action.choices));
        if (*action.value == Type::kBranches) table(infos(branch_keys()));
      } else if (action.keys.empty()) {
        line("\nHas no keys: the value is `{{}}`.");
      } else {
        table(action.keys);
      }
    }
  }

  void all_placeholders() {
    line("\n## Placeholders\n\nIn the value of `fill`, and nowhere else:\n");
    for (const Placeholder& one : placeholders()) line("- `{}`: {}", one.name, one.doc);
    line(
        "\nThere is none for a secret: the password is typed by `sign_in`, `fill_password` and `reauthenticate`, codes "
        "by `sign_in` and `submit_code`.");
  }

  void all_outcomes() {
    line("\n## Outcomes\n\nWhat `one_of` and `stop` may end a flow with:\n\n| outcome | meaning |\n|---|---|");
    for (const Outcome code : playbook_outcomes())
      line("| `{}` | {} |", outcome_name(code), cell(outcome_info(code).meaning));
  }

  void rules() {
    line(
        "\n## Lint rules\n\nMistakes that the grammar allows. Each example replaces the sections of the same name in a "
        "small good playbook.");
    for (const Rule* rule : all_rules()) {
      line("\n### {}{}\n\n{}{}. {}", rule->id, rule->severity == yaml::Severity::kWarning ? " (a warning)" : "",
           static_cast<char>(rule->summary[0] - 32), rule->summary.substr(1), rule->why);
      line("\nBad:\n\n```yaml\n{}```\n\nGood:\n\n```yaml\n{}```", rule->bad, rule->good);
    }
  }

  std::string text_;
};

}  // namespace

std::string reference_text() { return Writer().write(); }

}  // namespace totpilot::playbook
