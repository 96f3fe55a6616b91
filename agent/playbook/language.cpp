// The tables of everything that is not an action: the playbook's sections, conditions, locators, closed lists of words.
#include <fmt/format.h>

#include <array>
#include <regex>

#include "agent/playbook/table.h"

namespace totpilot::playbook {
namespace {

/// A section whose map is a record of its own.
template <class T>
Key<Playbook> section(std::string_view name, T Playbook::* member, const Record<T>& (*record)(), std::string_view doc) {
  return {{.name = name, .type = Type::kRecord, .doc = doc, .record = name},
          [=](Playbook& playbook, const yaml::Node& node, Reader& reader) {
            read_record(node, record(), name, playbook.*member, reader);
          }};
}

template <class Member>
Key<Playbook> flow(std::string_view name, Member Playbook::* member, std::string_view doc) {
  return {{.name = name, .type = Type::kSteps, .doc = doc},
          [member](Playbook& playbook, const yaml::Node& node, Reader& reader) {
            Flow flow{.steps = {}, .at = node.at};
            if (auto steps = reader.steps(node)) flow.steps = *std::move(steps);
            playbook.*member = std::move(flow);
          }};
}

/// "5 per 1m per account".
Key<Facts> sign_in_limit() {
  return {{.name = "sign_in_limit",
           .type = Type::kRate,
           .doc = "how many sign-ins the app takes from one account, as in `5 per 1m per account`",
           .fallback = "no limit known"},
          [](Facts& facts, const yaml::Node& node, Reader& reader) {
            static const std::regex form(R"(([0-9]{1,4}) per ([0-9]{1,6}(?:ms|s|m|h|d)) per account)",
                                         std::regex::optimize);
            std::smatch match;
            if (node.is_scalar() && node.text.size() < 100 && std::regex_match(node.text, match, form)) {
              const auto count = yaml::parse_integer(match[1].str());
              const auto period = yaml::parse_duration(match[2].str());
              if (count && *count > 0 && period && period->count() > 0) {
                facts.sign_in_limit_count = static_cast<int>(*count);
                facts.sign_in_limit_period = *period;
                return;
              }
            }
            reader.report(yaml::problem(node, "this must be a limit such as 5 per 1m per account"));
          }};
}

Key<Playbook> version() {
  return Key<Playbook>{
      {.name = "playbook", .type = Type::kInteger, .doc = "the version of this language: 1", .range = {1, 1}},
      [](Playbook&, const yaml::Node& node, Reader& reader) {
        // One version so far; a newer file is told apart from a slip.
        const auto value = yaml::integer(node);
        if (value && *value == 1) return;
        reader.report(yaml::problem(node, "this totpilot knows version 1 of the language only", "write playbook: 1"));
      }}
      .required();
}

Key<Playbook> app_name() {
  return Key<Playbook>{{.name = "app",
                        .type = Type::kText,
                        .doc = "the app's name: lower case letters, digits and dashes; also the file's name"},
                       [](Playbook& playbook, const yaml::Node& node, Reader& reader) {
                         const auto name = reader.string(Type::kText, node);
                         if (!name) return;
                         static const std::regex form("[a-z0-9][a-z0-9-]{0,62}");
                         if (name->size() > 63 || !std::regex_match(*name, form))
                           reader.report(yaml::problem(
                               node, "an app's name has lower case letters, digits and dashes only, at most 63"));
                         playbook.app = *name;
                       }}
      .required();
}

}  // namespace

const Record<Step>& step_keys() {
  static const Record<Step> record = {
      key("name", Type::kText, &Step::name, "how reports call the step").fallback("made from the action"),
      key("only_if", &Step::only_if, "the step is skipped unless this holds; looked at once, without waiting"),
      key("timeout", &Step::timeout, "how long the step may take, 1s to 10m")
          .fallback("15s, or what the configuration says"),
  };
  return record;
}

const Record<Branch>& branch_keys() {
  static const Record<Branch> record = {
      key("when", &Branch::when, "how this state looks"),
      key("name", Type::kText, &Branch::name, "how reports call it").fallback("made from the condition"),
      key("outcome", &Branch::outcome, "ends the flow with this code"),
      key("message", Type::kText, &Branch::message, "with outcome: what the person reads"),
      key("steps", &Branch::steps, "or goes on with these; then with the step behind one_of"),
  };
  return record;
}

const Record<Watcher>& watcher_keys() {
  static const Record<Watcher> record = {
      key("when", &Watcher::when, "how it looks when it turns up"),
      key("name", Type::kText, &Watcher::name, "how reports call it").fallback("made from the condition"),
      key("steps", &Watcher::steps, "what is done about it").required(),
  };
  return record;
}

const Record<Facts>& facts_keys() {
  static const Record<Facts> record = {
      sign_in_limit(),
      key("sign_in_calls", &Facts::sign_in_calls, Range{1, 5}, "how many of those one sign-in with a code costs")
          .fallback("1"),
      choice("code_reuse", &Facts::code_reuse, {{"refused", CodeReuse::kRefused}, {"accepted", CodeReuse::kAccepted}},
             "what the app does with a code it has seen")
          .fallback("refused"),
      choice("pending_secret", &Facts::pending_secret,
             {{"kept", PendingSecret::kKept},
              {"rotated_on_open", PendingSecret::kRotatedOnOpen},
              {"rotated_on_wrong_code", PendingSecret::kRotatedOnWrongCode}},
             "what becomes of the secret shown when the page is opened again, or a code was wrong")
          .fallback("kept"),
      choice("turns_on_at", &Facts::turns_on_at,
             {{"submit_code", TurnsOnAt::kSubmitCode},
              {"save_recovery_codes", TurnsOnAt::kSaveRecoveryCodes},
              {"capture_secret", TurnsOnAt::kCaptureSecret},
              {"last_step", TurnsOnAt::kLastStep}},
             "the step of enroll whose act turns MFA on")
          .fallback("submit_code"),
      choice("recovery_codes", &Facts::recovery_codes,
             {{"none", RecoveryCodes::kNone}, {"offered", RecoveryCodes::kOffered}},
             "whether the app hands out recovery codes")
          .fallback("not said"),
      key("windows_back", &Facts::windows_back, Range{0, 20}, "how many past code windows the app still takes")
          .fallback("0"),
      key("needs_3d", &Facts::needs_3d, "the app does not work without WebGL"),
  };
  return record;
}

const Record<SessionFacts>& session_keys() {
  static const Record<SessionFacts> record = {
      key("open", Type::kPath, &SessionFacts::open, "a page that only a signed-in user sees").required(),
      key("in", &SessionFacts::in, "how it looks when signed in"),
      key("out", &SessionFacts::out, "how it looks when not"),
  };
  return record;
}

const Record<MfaFacts>& mfa_keys() {
  static const Record<MfaFacts> record = {
      key("open", Type::kPath, &MfaFacts::open, "the page with the setting").required(),
      key("reach", &MfaFacts::reach, "steps from there, where no address leads to the setting"),
      key("disabled", &MfaFacts::disabled, "how it looks when MFA is off"),
      key("enabled", &MfaFacts::enabled, "how it looks when MFA is on with an authenticator app"),
      key("other_method", &MfaFacts::other_method, "how it looks when another method is on"),
      key("not_offered", &MfaFacts::not_offered, "how it looks when this account may not have it"),
  };
  return record;
}

const Record<Condition>& condition_keys() {
  static const Record<Condition> record = {
      key("shows", &Condition::shows, "a match of this locator is visible"),
      key("hides", &Condition::hides, "no match of this locator is visible"),
      bound<Condition>({.name = "url",
                        .type = Type::kUrlPattern,
                        .doc = "the address matches: * within a segment, ** across segments; below the base URL; "
                               "without query and fragment"},
                       &Condition::url,
                       [](Reader& reader, const yaml::Node& node) { return reader.string(Type::kUrlPattern, node); }),
  };
  return record;
}

const Record<Playbook>& flow_keys() {
  static const Record<Playbook> record = {
      flow("login", &Playbook::login, "signs in; ends on session.in").required(),
      flow("enroll", &Playbook::enroll,
           "turns MFA on; begins at mfa.open in the state disabled, ends in the state enabled"),
      flow("disable", &Playbook::disable,
           "turns MFA off; begins at mfa.open in the state enabled, ends in the state disabled"),
      flow("recovery_codes", &Playbook::recovery_codes,
           "makes new recovery codes and saves them; begins at mfa.open in the state enabled"),
      flow("rotate_password", &Playbook::rotate_password, "changes the password"),
  };
  return record;
}

const Record<Playbook>& playbook_keys() {
  static const Record<Playbook> record = {
      version(),
      app_name(),
      key("title", Type::kText, &Playbook::title, "the app's name as people write it").fallback("app"),
      bound<Playbook>({.name = "tested",
                       .type = Type::kVersions,
                       .doc = "versions of the app this was run against, each with the day, all in quotes"},
                      &Playbook::tested, &Reader::versions),
      key("test_id_attribute", Type::kText, &Playbook::test_id_attribute, "the attribute that `test_id` looks at")
          .fallback("data-testid"),
      bound<Playbook>(
          {.name = "needs_origins",
           .type = Type::kOrigins,
           .doc =
               "other origins the sign-in leads to; the account's owner must accept them before a secret goes there"},
          &Playbook::needs_origins, &Reader::origins),
      // Read before everything else, see parser.cpp.
      {{.name = "texts",
        .type = Type::kWordLists,
        .doc = "named lists of words, one for each language the app may speak; used as `$name`"},
       [](Playbook&, const yaml::Node&, Reader&) {}},
      section("facts", &Playbook::facts, facts_keys, "what the engine must know about the app's rules"),
      section("session", &Playbook::session, session_keys, "how signed in and signed out look").required(),
      section("mfa", &Playbook::mfa, mfa_keys, "where the MFA setting is and how its states look").required(),
      bound<Playbook>({.name = "watchers",
                       .type = Type::kWatchers,
                       .doc = "looked for before every step: what may turn up anywhere"},
                      &Playbook::watchers, &Reader::watchers),
      Key<Playbook>{{.name = "flows", .type = Type::kRecord, .doc = "the steps", .record = "flows"},
                    [](Playbook& playbook, const yaml::Node& node, Reader& reader) {
                      read_record(node, flow_keys(), "flows", playbook, reader);
                    }}
          .required(),
  };
  return record;
}

const std::vector<KeyInfo>& locator_kinds() {
  static const std::vector<KeyInfo> all = {
      {.name = "role",
       .type = Type::kChoice,
       .doc = "by ARIA role, with `name` for its accessible name",
       .choices = {aria_roles().begin(), aria_roles().end()}},
      {.name = "label", .type = Type::kWords, .doc = "a form control by its label"},
      {.name = "text", .type = Type::kWords, .doc = "the smallest element that holds the text"},
      {.name = "placeholder", .type = Type::kWords, .doc = "a form control by its placeholder"},
      {.name = "test_id", .type = Type::kWords, .doc = "by the attribute that test_id_attribute names"},
      {.name = "css", .type = Type::kText, .doc = "by a CSS selector"},
      {.name = "field",
       .type = Type::kChoice,
       .doc = "the field of this kind, found by its traits (autocomplete, type, label, name)",
       .choices = {field_kinds().begin(), field_kinds().end()}},
      {.name = "submit_of",
       .type = Type::kLocator,
       .doc = "the button that submits the form or dialog around this element"},
      {.name = "any_of", .type = Type::kLocators, .doc = "the first of these that matches anything, in order"},
  };
  return all;
}

const std::vector<KeyInfo>& locator_modifiers() {
  static const std::vector<KeyInfo> all = {
      {.name = "name", .type = Type::kWords, .doc = "with role: the accessible name; one text or several, any of them"},
      {.name = "exact",
       .type = Type::kBoolean,
       .doc = "the text matches whole and with case; else as a part, in any case",
       .fallback = "false"},
      {.name = "within", .type = Type::kLocator, .doc = "search inside this element only"},
      {.name = "frame", .type = Type::kLocator, .doc = "search in the document of this iframe"},
      {.name = "has_text", .type = Type::kText, .doc = "keep only matches that hold this text"},
      {.name = "checked",
       .type = Type::kBoolean,
       .doc = "keep only those that are (true) or are not (false) ticked or pressed"},
  };
  return all;
}

std::span<const Placeholder> placeholders() {
  static constexpr std::array kAll = {
      Placeholder{"{account.username}", "the account's user name"},
      Placeholder{"{account.name}", "the account's name in totpilot"},
      Placeholder{"{account.base_url}", "the account's base URL"},
      Placeholder{"{device_name}", "how totpilot names itself to apps"},
  };
  return kAll;
}

std::span<const Outcome> playbook_outcomes() {
  using enum Outcome;
  static constexpr std::array kAll = {kOk,
                                      kBadCredentials,
                                      kMfaAlreadyOn,
                                      kOtherMethodOn,
                                      kTotpNotOffered,
                                      kReauthRequired,
                                      kUnderpermissioned,
                                      kCodeRejected,
                                      kCodeReused,
                                      kClockSkew,
                                      kPageChanged,
                                      kCaptcha,
                                      kLockedOut,
                                      kRateLimited,
                                      kAppUnreachable,
                                      kNeedsInput,
                                      kNeedsHuman};
  return kAll;
}

std::span<const std::string_view> aria_roles() {
  static constexpr std::array<std::string_view, 68> kAll = {"alert",         "alertdialog",   "application",
                                                            "article",       "banner",        "blockquote",
                                                            "button",        "caption",       "cell",
                                                            "checkbox",      "code",          "columnheader",
                                                            "combobox",      "complementary", "contentinfo",
                                                            "definition",    "deletion",      "dialog",
                                                            "document",      "emphasis",      "feed",
                                                            "figure",        "form",          "grid",
                                                            "gridcell",      "group",         "heading",
                                                            "img",           "insertion",     "link",
                                                            "list",          "listbox",       "listitem",
                                                            "log",           "main",          "menu",
                                                            "menubar",       "menuitem",      "menuitemcheckbox",
                                                            "menuitemradio", "navigation",    "note",
                                                            "option",        "paragraph",     "progressbar",
                                                            "radio",         "radiogroup",    "region",
                                                            "row",           "rowgroup",      "rowheader",
                                                            "search",        "searchbox",     "separator",
                                                            "slider",        "spinbutton",    "status",
                                                            "strong",        "switch",        "tab",
                                                            "table",         "tablist",       "tabpanel",
                                                            "term",          "textbox",       "toolbar",
                                                            "tooltip",       "treeitem"};
  return kAll;
}

std::span<const std::string_view> field_kinds() {
  // In the order of browser::FieldKind.
  using browser::FieldKind;
  static const std::array<std::string_view, 4> kAll = {
      browser::field_kind_name(FieldKind::kUsername), browser::field_kind_name(FieldKind::kPassword),
      browser::field_kind_name(FieldKind::kNewPassword), browser::field_kind_name(FieldKind::kCode)};
  return kAll;
}

std::span<const std::string_view> key_names() {
  static constexpr std::array<std::string_view, 15> kAll = {"Enter",  "Escape",  "Tab",       "Space",     "Backspace",
                                                            "Delete", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight",
                                                            "Home",   "End",     "PageUp",    "PageDown",  "Insert"};
  return kAll;
}

}  // namespace totpilot::playbook
