#include "agent/playbook/lint.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/playbook/support.h"

namespace totpilot::playbook {
namespace {

class LintRule : public testing::TestWithParam<const Rule*> {};

TEST_P(LintRule, FindsItsMistakeInTheBadExampleAndNothingElse) {
  const Parsed parsed = parse_sections(GetParam()->bad);
  std::set<std::string> rules;
  for (const auto& one : parsed.diagnostics) rules.insert(one.rule);
  EXPECT_EQ(rules, std::set<std::string>{std::string(GetParam()->id)}) << shown(parsed);
}

TEST_P(LintRule, FindsNothingInTheGoodExample) {
  const Parsed parsed = parse_sections(GetParam()->good);
  EXPECT_TRUE(parsed.diagnostics.empty()) << shown(parsed);
}

INSTANTIATE_TEST_SUITE_P(All, LintRule, testing::ValuesIn(all_rules().begin(), all_rules().end()),
                         [](const testing::TestParamInfo<const Rule*>& info) {
                           std::string name;
                           for (const char c : info.param->id) name += c == '-' ? '_' : c;
                           return name;
                         });

TEST(Lint, HasARowForEveryRuleFile) {
  const std::filesystem::path folder = std::filesystem::path(TOTPILOT_SOURCE_DIR) / "agent/playbook/rules";
  std::set<std::string> files, rules;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".cpp" && entry.path().stem() != "all") files.insert(entry.path().stem());
  for (const Rule* rule : all_rules()) {
    std::string name(rule->id);
    std::ranges::replace(name, '-', '_');
    rules.insert(name);
  }
  EXPECT_EQ(files, rules);
}

TEST(Lint, PointsAtTheSelectorNotAtTheStep) {
  const Parsed parsed =
      parse_sections("flows:\n  login:\n    - sign_in:\n        password: { css: \"input[type=text]\" }\n");
  ASSERT_EQ(parsed.diagnostics.size(), 1U) << shown(parsed);
  EXPECT_EQ(parsed.playbook.login.steps[0].at.line, 8);
  EXPECT_EQ(parsed.diagnostics[0].at.line, 9);
  EXPECT_EQ(parsed.diagnostics[0].at.column, 19);
}

TEST(Lint, LooksIntoBranchesAndWatchers) {
  EXPECT_EQ(first_of(parse_steps("- one_of:\n    - { when: { css: a }, steps: [{ fill_password: { into: { field: code "
                                 "} } }] }\n    - { when: { css: b } }"))
                .substr(0, 13),
            "secret-fields");
  EXPECT_EQ(first_of(parse_sections("watchers:\n  - { when: { css: \"a:contains(x)\" }, steps: [{ open: /a }] }\n"))
                .substr(0, 10),
            "css-syntax");
}

TEST(SecretFields, NobodyIsAskedForAPassword) {
  const auto rule_of = [](const std::string& into) {
    return first_of(parse_steps("- ask: { what: the code by e-mail, into: { " + into + " } }")).substr(0, 13);
  };
  EXPECT_EQ(rule_of("field: password"), "secret-fields");
  EXPECT_EQ(rule_of("css: \"input[type=password]\""), "secret-fields");
  EXPECT_NE(rule_of("field: code"), "secret-fields");
  EXPECT_NE(rule_of("label: Code"), "secret-fields");
}

TEST(CssSyntax, TakesWhatBrowsersTake) {
  for (const char* css :
       {"#a", ".b > a + i ~ u", "a[href*='x/y.z']", "a[href$=\".png\"]", "tr:nth-child(3) > td:nth-child(2) input",
        ".field:has(.name) [role=checkbox]", "a, b", "input:not([type=hidden])", "[data-x=\"a:contains(b)\"]",
        "li:first-child", "a[title='>>']", "#\\31 23", "svg|a", "*"}) {
    const Parsed parsed = parse_steps(fmt::format("- click: {{ css: '{}' }}", [&] {
      std::string quoted;
      for (const char* c = css; *c; ++c) quoted += *c == '\'' ? std::string("''") : std::string(1, *c);
      return quoted;
    }()));
    EXPECT_TRUE(parsed.ok()) << shown(parsed);
  }
}

TEST(CssSyntax, RefusesWhatOnlyOtherToolsTake) {
  for (const char* css : {"//div[@id]", "text=Save", "a:contains(x)", "a:has-text(x)", "div >> a", "a[href=", "a)",
                          "#1a", "a >", "a,", ", a", "a::before", "div..x", "button:visible", "xpath=//a"}) {
    const Parsed parsed = parse_steps(fmt::format("- click: {{ css: \"{}\" }}", css));
    ASSERT_EQ(parsed.diagnostics.size(), 1U) << css;
    EXPECT_EQ(parsed.diagnostics[0].rule, "css-syntax") << css;
  }
}

TEST(UrlPattern, RefusesWhatCannotMatch) {
  for (const char* url : {"/a?b=1", "/a#b", "home", "**/home", "//x", "/a b", "/***", "https://app.example"}) {
    const Parsed parsed = parse_steps(fmt::format("- wait_for: {{ url: \"{}\" }}", url));
    ASSERT_EQ(parsed.diagnostics.size(), 1U) << url;
    EXPECT_EQ(parsed.diagnostics[0].rule, "url-pattern") << url;
  }
  for (const char* url : {"/", "/a/*/b", "/**", "https://app.example/", "https://*.example/**", "http://127.0.0.1:1/a"})
    EXPECT_TRUE(parse_steps(fmt::format("- wait_for: {{ url: \"{}\" }}", url)).ok()) << url;
}

}  // namespace
}  // namespace totpilot::playbook
