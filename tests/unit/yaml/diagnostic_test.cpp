#include "agent/yaml/diagnostic.h"

#include <gtest/gtest.h>

#include <array>

namespace totpilot::yaml {
namespace {

Diagnostic at(int line, int column, std::string suggestion = {}) {
  return {.at = {"p.yaml", line, column},
          .message = "it is wrong",
          .suggestion = std::move(suggestion),
          .rule = "some-rule"};
}

TEST(Diagnostic, ShowsTheLineACaretAndTheSuggestion) {
  EXPECT_EQ(render(at(2, 3, "did you mean \"click\"?"), "a: 1\n- clik: x\n"),
            "p.yaml:2:3: error: it is wrong [some-rule]\n"
            "    - clik: x\n"
            "      ^\n"
            "  did you mean \"click\"?\n");
}

TEST(Diagnostic, PutsTheCaretBelowLettersNotBytes) {
  EXPECT_EQ(render(at(1, 7), "gr\xC3\xBC\xC3\x9F: x"),
            "p.yaml:1:7: error: it is wrong [some-rule]\n    gr\xC3\xBC\xC3\x9F: x\n        ^\n");
}

TEST(Diagnostic, NeverSendsControlCharactersToATerminal) {
  const std::string shown = render(at(1, 1), "\x1B[31mred\tx\x7F");
  EXPECT_NE(shown.find("?[31mred x?"), std::string::npos) << shown;
}

TEST(Diagnostic, CutsLongLinesAroundTheCaret) {
  const std::string text = std::string(5000, 'x') + "HERE" + std::string(5000, 'y');
  const std::string shown = render(at(1, 5001), text);
  EXPECT_LT(shown.size(), 500U);
  const std::size_t line = shown.find("    ...");
  const std::size_t caret = shown.find('^') - (shown.find('\n', line) + 1);
  EXPECT_EQ(shown.substr(line + caret, 4), "HERE");
}

TEST(Diagnostic, SurvivesAPlaceOutsideTheText) {
  EXPECT_FALSE(render(at(9, 400), "a\n").empty());
  EXPECT_FALSE(render(at(1, 400), "a\n").empty());
}

TEST(Diagnostic, SortsByPlaceAndDropsRepetitions) {
  const auto all = sorted({at(2, 1), at(1, 5), at(2, 1), at(1, 2)});
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].at.column, 2);
  EXPECT_EQ(all[2].at.line, 2);
}

TEST(Suggestion, FindsTheNearestWord) {
  constexpr std::array<std::string_view, 4> kWords = {"click", "check", "submit_code", "fill"};
  EXPECT_EQ(nearest("clik", kWords), "click");
  EXPECT_EQ(nearest("sumbit_code", kWords), "submit_code");
  EXPECT_EQ(nearest("Submit-Code", kWords), "submit_code");
  EXPECT_EQ(nearest("goto", kWords), std::nullopt);
  EXPECT_EQ(nearest("", kWords), std::nullopt);
}

TEST(Suggestion, ListsAShortChoiceWhenNothingIsNear) {
  constexpr std::array<std::string_view, 2> kWords = {"accept", "dismiss"};
  EXPECT_EQ(suggest("maybe", kWords), "what may stand here: accept, dismiss");
}

}  // namespace
}  // namespace totpilot::yaml
