#include "agent/playbook/parser.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "agent/base/file.h"
#include "agent/playbook/table.h"
#include "tests/unit/playbook/support.h"

namespace totpilot::playbook {
namespace {

using namespace std::chrono_literals;
using Kind = Locator::Kind;

/// The last step of login.
template <class T>
T last_action(const Parsed& parsed) {
  EXPECT_TRUE(parsed.ok()) << shown(parsed);
  if (parsed.playbook.login.steps.empty()) return {};
  const auto* action = std::get_if<T>(&parsed.playbook.login.steps.back().action);
  EXPECT_NE(action, nullptr);
  return action ? *action : T{};
}

TEST(PlaybookParser, ReadsAWholePlaybook) {
  const std::string file = std::string(TOTPILOT_SOURCE_DIR) + "/playbooks/apps/mediawiki.yaml";
  const Parsed parsed = parse(file, read_file(file, 1 << 20));
  EXPECT_TRUE(parsed.diagnostics.empty()) << shown(parsed);
  const Playbook& playbook = parsed.playbook;
  EXPECT_EQ(playbook.app, "mediawiki");
  EXPECT_EQ(playbook.tested.at("1.39.17"), "2026-11-24");
  EXPECT_EQ(playbook.facts.windows_back, 4);
  EXPECT_EQ(playbook.facts.recovery_codes, RecoveryCodes::kOffered);
  EXPECT_EQ(playbook.session.in.shows->css, "#pt-logout");
  ASSERT_TRUE(playbook.enroll);
  ASSERT_EQ(playbook.enroll->steps.size(), 4U);
  EXPECT_EQ(action_name(playbook.enroll->steps[2].action), "save_recovery_codes");
  EXPECT_EQ(std::get<SaveRecoveryCodes>(playbook.enroll->steps[2].action).count, 10);
  EXPECT_FALSE(playbook.recovery_codes);
}

TEST(PlaybookParser, ReadsFacts) {
  const Parsed parsed = parse_sections(
      "facts: { sign_in_limit: 5 per 1m per account, sign_in_calls: 2, code_reuse: accepted, recovery_codes: none, "
      "pending_secret: rotated_on_wrong_code, turns_on_at: last_step, needs_3d: true }\n");
  ASSERT_TRUE(parsed.ok()) << shown(parsed);
  const Facts& facts = parsed.playbook.facts;
  EXPECT_EQ(facts.sign_in_limit_count, 5);
  EXPECT_EQ(facts.sign_in_limit_period, Millis(1min));
  EXPECT_EQ(facts.sign_in_calls, 2);
  EXPECT_EQ(facts.code_reuse, CodeReuse::kAccepted);
  EXPECT_EQ(facts.pending_secret, PendingSecret::kRotatedOnWrongCode);
  EXPECT_EQ(facts.turns_on_at, TurnsOnAt::kLastStep);
  EXPECT_TRUE(facts.needs_3d);
}

class ShippedPlaybook : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(ShippedPlaybook, IsGood) {
  const Parsed parsed = parse(GetParam().string(), read_file(GetParam(), 1 << 20));
  EXPECT_TRUE(parsed.diagnostics.empty()) << shown(parsed);
  EXPECT_EQ(parsed.playbook.app, GetParam().stem());
  EXPECT_FALSE(parsed.playbook.tested.empty());
}

std::vector<std::filesystem::path> shipped() {
  std::vector<std::filesystem::path> result;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(TOTPILOT_SOURCE_DIR) + "/playbooks/apps"))
    result.push_back(entry.path());
  return result;
}

INSTANTIATE_TEST_SUITE_P(Apps, ShippedPlaybook, testing::ValuesIn(shipped()),
                         [](const auto& info) { return info.param.stem().string(); });

TEST(PlaybookParser, ReadsTheExampleOfEveryAction) {
  for (const ActionInfo& action : actions()) {
    const Parsed parsed = parse_steps(action.example);
    EXPECT_TRUE(parsed.ok()) << shown(parsed);
    EXPECT_EQ(action_name(parsed.playbook.login.steps.back().action), action.name);
  }
}

TEST(PlaybookParser, KnowsEveryKeyOfEveryActionByItsType) {
  // Each key alone with a value of its type, beside the required ones: nothing may be unknown or of another type than
  // the table says.
  const auto sample = [](const KeyInfo& key) -> std::string {
    switch (key.type) {
      case Type::kLocator:
        return "{ css: \"#x\" }";
      case Type::kLocators:
        return "[{ css: \"#x\" }]";
      case Type::kCondition:
        return "{ css: \"#y\" }";
      case Type::kPath:
        return "/x";
      case Type::kBoolean:
        return "true";
      case Type::kInteger:
        return std::to_string(key.range.min);
      case Type::kChoice:
        return std::string(key.choices.front());
      case Type::kOutcome:
        return "captcha";
      case Type::kCodePattern:
        return "\"[0-9]{8}\"";
      default:
        return key.name == "key" ? "Enter" : "word";
    }
  };
  for (const ActionInfo& action : actions()) {
    for (const KeyInfo& key : action.keys) {
      std::string keys;
      for (const KeyInfo& other : action.keys)
        if (other.required || other.name == key.name)
          keys += fmt::format("{}{}: {}", keys.empty() ? "" : ", ", other.name, sample(other));
      const Parsed parsed = parse_steps(fmt::format("- {}: {{ {} }}", action.name, keys));
      for (const auto& one : parsed.diagnostics)
        EXPECT_TRUE(one.rule == "options-agree" || one.rule == "secret-fields") << shown(parsed);
    }
  }
}

TEST(PlaybookParser, ReadsLocatorsOfEveryKind) {
  const auto locator = [](std::string_view text) {
    return last_action<Click>(parse_steps(fmt::format("- click: {}", text))).target;
  };
  EXPECT_EQ(to_string(locator("{ role: button, name: [Sign in, Anmelden], exact: true }")),
            "{role: button, name: [\"Sign in\", \"Anmelden\"], exact: true}");
  EXPECT_EQ(locator("{ label: Code }").kind, Kind::kLabel);
  EXPECT_EQ(locator("{ placeholder: Code }").texts, std::vector<std::string>{"Code"});
  EXPECT_EQ(locator("{ test_id: save }").kind, Kind::kTestId);
  EXPECT_EQ(locator("{ field: new_password }").field, browser::FieldKind::kNewPassword);
  EXPECT_EQ(locator("{ submit_of: { field: code } }").of->field, browser::FieldKind::kCode);
  EXPECT_EQ(locator("{ any_of: [{ text: a }, { css: b }] }").alternatives.size(), 2U);
  const Locator nested =
      locator("{ role: checkbox, checked: false, has_text: x, within: { css: .card, frame: { css: iframe } } }");
  EXPECT_EQ(nested.checked, false);
  EXPECT_EQ(nested.has_text, "x");
  EXPECT_EQ(nested.within->frame->css, "iframe");
}

TEST(PlaybookParser, TakesALocatorAloneAsAConditionThatItShows) {
  const Condition shows = last_action<WaitFor>(parse_steps("- wait_for: { text: Done }")).condition;
  EXPECT_EQ(shows.shows->texts, std::vector<std::string>{"Done"});
  const Condition mixed =
      last_action<WaitFor>(parse_steps("- wait_for: { shows: { css: a }, hides: { css: b }, url: \"/c/**\" }"))
          .condition;
  EXPECT_EQ(mixed.hides->css, "b");
  EXPECT_EQ(mixed.url, "/c/**");
}

TEST(PlaybookParser, PutsWordListsWhereTheyAreNamed) {
  const Parsed parsed = parse_sections(
      "texts: { go: [Go on, Weiter] }\nflows:\n  login:\n    - sign_in: { press: { role: button, name: $go } }\n");
  EXPECT_EQ(last_action<SignIn>(parsed).press->texts, (std::vector<std::string>{"Go on", "Weiter"}));
}

TEST(PlaybookParser, KeepsTheOptionsBesideTheAction) {
  const Parsed parsed = parse_steps("- click: { css: a }\n  name: open it\n  only_if: { css: b }\n  timeout: 30s");
  ASSERT_TRUE(parsed.ok()) << shown(parsed);
  const Step& step = parsed.playbook.login.steps.back();
  EXPECT_EQ(step.name, "open it");
  EXPECT_EQ(step.only_if->shows->css, "b");
  EXPECT_EQ(step.timeout, Millis(30s));
  EXPECT_EQ(to_string(step.at), fmt::format("p.yaml:{}:7", parsed.playbook.login.at.line + 1));
}

TEST(PlaybookParser, NamesStepsByWhatTheyDo) {
  EXPECT_EQ(parse_steps("- click: { role: button, name: Save }").playbook.login.steps.back().name,
            "click the button \"Save\"");
}

TEST(PlaybookParser, ReadsBranches) {
  const OneOf choice = last_action<OneOf>(
      parse_steps("- one_of:\n    - { when: { css: a }, name: ready }\n    - { when: { css: b }, outcome: locked_out, "
                  "message: wait }\n    - { when: { css: c }, steps: [{ open: /d }] }"));
  ASSERT_EQ(choice.branches.size(), 3U);
  EXPECT_EQ(choice.branches[0].name, "ready");
  EXPECT_EQ(choice.branches[1].outcome, Outcome::kLockedOut);
  EXPECT_EQ(choice.branches[2].steps.size(), 1U);
  EXPECT_EQ(choice.branches[2].name, "the element c shows");
}

TEST(PlaybookParser, KeepsTheTextAndItsHash) {
  const Parsed parsed = parse("x.yaml", "abc");
  EXPECT_EQ(parsed.playbook.text, "abc");
  EXPECT_EQ(parsed.playbook.hash,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2, B.1
}

TEST(PlaybookParser, ThrowsTheFirstErrorWithItsPlaceAndTheirNumber) {
  try {
    parse_or_throw("x.yaml", complete_example("app: example\nflows:\n  login:\n    - clik: {}\n    - sleep: 1s\n"));
    FAIL() << "nothing was thrown";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Outcome::kPlaybookInvalid);
    EXPECT_EQ(failure.message(), "there is no action \"clik\" (and 1 more)");
    EXPECT_EQ(failure.hint(), "did you mean \"click\"?");
    ASSERT_TRUE(failure.position());
    EXPECT_EQ(failure.position()->column, 7);
  }
}

TEST(PlaybookParser, RunsAPlaybookThatHasWarningsOnly) {
  const std::string text = complete_example("facts: { code_reuse: refused }\n");
  EXPECT_FALSE(parse("x.yaml", text).diagnostics.empty());
  EXPECT_NO_THROW(parse_or_throw("x.yaml", text));
}

TEST(PlaybookParser, PointsIntoTheTextWhateverIsMissing) {
  const std::string text = read_file(std::string(TOTPILOT_SOURCE_DIR) + "/playbooks/apps/redmine.yaml", 1 << 20);
  const auto check = [](const std::string& part) {
    const auto lines = 1 + std::ranges::count(part, '\n');
    for (const auto& one : parse("p.yaml", part).diagnostics) {
      EXPECT_GE(one.at.line, 1) << one.message;
      EXPECT_LE(one.at.line, lines) << one.message;
      EXPECT_GE(one.at.column, 1) << one.message;
    }
  };
  for (std::size_t size = 0; size < text.size(); size += 37) check(text.substr(0, size));
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin) + 1;
    check(text.substr(0, begin) + text.substr(end));
    begin = end;
  }
}

}  // namespace
}  // namespace totpilot::playbook
