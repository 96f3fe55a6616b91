// What an attacker or an accident may put into a playbook. Each must be refused at a place; the generous bound on the
// time is there to catch what never ends (an unsanitized build needs a few milliseconds each).
#include <gtest/gtest.h>

#include <chrono>

#include "agent/yaml/reader.h"

namespace totpilot::yaml {
namespace {

struct Hostile {
  std::string name;
  std::string text;
  std::string message;  // part of the expected one
  std::string place;    // line:column
};

std::string repeated(std::string_view part, std::size_t times) {
  std::string result;
  result.reserve(part.size() * times);
  for (std::size_t i = 0; i < times; ++i) result += part;
  return result;
}

std::string alias_bomb() {
  std::string text = "l0: &l0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 20; ++i)
    text += fmt::format("l{0}: &l{0} [{1}*l{2}]\n", i, repeated(fmt::format("*l{}, ", i - 1), 8), i - 1);
  return text;
}

std::string block_nesting(int levels) {
  std::string text;
  for (int i = 0; i < levels; ++i) text += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  return text;
}

std::vector<Hostile> corpus() {
  using namespace std::string_literals;
  return {
      {"AliasBomb", alias_bomb(), "an anchor (&)", "1:5"},
      {"CyclicAlias", "a: &a [*a]\n", "an anchor (&)", "1:4"},
      {"AliasWithoutAnchor", "a: *b\n", "an alias (*)", "1:4"},
      {"AnchorOnKey", "&k a: 1\n", "an anchor (&)", "1:1"},
      {"AnchorOnNothing", "a: &k\n", "an anchor (&)", "1:4"},
      {"MergeKey", "<<: { a: 1 }\n", "a merge key (<<)", "1:1"},
      {"Tag", "a: !!binary aGVsbG8=\n", "a tag (!)", "1:4"},
      {"LocalTagOnMap", "a: !ruby/object:Gem { x: 1 }\n", "a tag (!)", "1:4"},
      {"NonSpecificTag", "a: ! b\n", "a tag (!)", "1:4"},
      {"TagOnNothing", "a: !!null\n", "a tag (!)", "1:4"},
      {"VerbatimTag", "a: !<tag:yaml.org,2002:str> b\n", "a tag (!)", "1:4"},
      {"YamlDirective", "%YAML 1.2\n---\na: 1\n", "a directive (%)", "1:1"},
      {"TagDirective", "%TAG ! tag:example,2000:\n---\na: 1\n", "a directive (%)", "1:1"},
      {"SeveralDocuments", "a: 1\n---\nb: 2\n", "a second document", "2:1"},
      {"SecondDocumentAfterEnd", "a: 1\n...\n---\nb: 2\n", "a second document", "3:1"},
      {"NestedLists33", repeated("[", 33) + repeated("]", 33), "more than 32 levels", "1:33"},
      {"NestedMaps33", repeated("{a: ", 33) + repeated("}", 33), "more than 32 levels", "1:129"},
      {"NestedBlocks33", block_nesting(33), "more than 32 levels", "33:33"},
      {"Dashes33", repeated("- ", 33) + "x\n", "more than 32 levels", "1:65"},
      {"QuestionMarks", repeated("? ", 3000), "a key must be a word", "1:3"},
      {"Nested500", repeated("[", 501), "500 brackets are open", "1:501"},
      {"NestedLists200000", repeated("[", 200000), "500 brackets are open", "1:501"},
      {"NestedMaps60000", repeated("{a: ", 60000), "500 brackets are open", "1:2001"},
      {"NestedDashes8000", repeated("- ", 8000), "more than 32 levels", "1:65"},
      {"NestedOverLines", repeated("[\n", 100000), "500 brackets are open", "501:1"},
      {"Depth1000000", repeated("[", 1000000), "larger than 256 KiB", "1:1"},
      {"LongScalar", "a: " + repeated("x", 200000), "longer than 16384 bytes", "1:16386"},
      {"ManyNodes", "a:\n" + repeated("- x\n", 10001), "more than 10000 values", "9999:3"},
      {"ManyKeys",
       [] {
         std::string text;
         for (int i = 0; i < 6000; ++i) text += fmt::format("k{}: x\n", i);
         return text;
       }(),
       "more than 10000 values", "5000:8"},
      {"Nul", "a: x\0y\n"s, "a control character (0x00)", "1:5"},
      {"EndMark", "a: x\x04\nb: !!evil\n", "a control character (0x04)", "1:5"},
      {"Escape", "a: \x1B[31mred\n", "a control character (0x1b)", "1:4"},
      {"LoneCarriageReturn", "a: x\rb: y\n", "a carriage return", "1:5"},
      {"OverlongUtf8", "a: x\nb: \xC0\xAF\n", "not UTF-8", "2:4"},
      {"LatinOne", "a: gr\xFC\xDF\n", "not UTF-8", "1:6"},
      {"Surrogate", "a: \xED\xA0\x80\n", "not UTF-8", "1:4"},
      {"Utf16",
       "\xFF\xFE"
       "a\0:\0 \0x\0"s,
       "not UTF-8", "1:1"},
      {"CutShort", "a: \xE2\x82", "not UTF-8", "1:4"},
      {"MapAsKey", "{ a: 1 }: x\n", "a key must be a word", "1:1"},
      {"ListAsKey", "? [a, b]\n: x\n", "a key must be a word", "1:3"},
      {"NoKey", ": x\n", "a key is missing", "1:1"},
      {"OldHangFlowColon", "[:", "", ""},
      {"OldHangMapColon", "{:", "", ""},
      {"OldAssert", "!2", "a tag (!)", "1:1"},
      {"OldCrashQuote", "'\\\n- |\n", "", ""},
      {"OldOverflowBlock", "- - - - | -\n#", "", ""},
  };
}

class Hostiles : public testing::TestWithParam<Hostile> {};

TEST_P(Hostiles, IsRefusedAtItsPlace) {
  const Hostile& input = GetParam();
  const auto begin = std::chrono::steady_clock::now();
  const Document document = read("h.yaml", input.text);
  const auto took = std::chrono::steady_clock::now() - begin;

  EXPECT_LT(took, std::chrono::seconds{30});
  ASSERT_FALSE(document.ok());
  const Diagnostic& last = document.problems.back();
  EXPECT_NE(last.message.find(input.message), std::string::npos) << last.message;
  if (!input.place.empty()) EXPECT_EQ(fmt::format("{}:{}", last.at.line, last.at.column), input.place) << last.message;
}

INSTANTIATE_TEST_SUITE_P(Corpus, Hostiles, testing::ValuesIn(corpus()),
                         [](const testing::TestParamInfo<Hostile>& info) { return info.param.name; });

TEST(YamlReader, TakesWhatIsJustWithinTheLimits) {
  EXPECT_TRUE(read("t.yaml", repeated("[", 32) + repeated("]", 32)).ok());
  EXPECT_TRUE(read("t.yaml", "a:\n" + repeated("- x\n", 9996)).ok());
  EXPECT_TRUE(read("t.yaml", "# " + repeated("[", 400) + "\na: 1\n").ok());
  const std::string line = "# " + repeated("x", 1000) + "\n";
  EXPECT_TRUE(read("t.yaml", repeated(line, 256UL * 1024 / line.size())).ok());
}

TEST(YamlReader, RefusesALargeTextWithoutReadingIt) {
  const std::string text(64UL * 1024 * 1024, 'x');
  const auto begin = std::chrono::steady_clock::now();
  const Document document = read("h.yaml", text);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{5});
  ASSERT_EQ(document.problems.size(), 1U);
  EXPECT_EQ(document.problems[0].message, "the file is larger than 256 KiB");
}

TEST(YamlReader, NeverTakesLongForAnyRepeatedPattern) {
  for (const char* pattern :
       {"a ", "a: ", "- ",    "? ",     ": ", "[]", "{}",     "[{",          "a\n",   "'",      "\"",
        "''", "# ",  "|\n",   ">\n ",   ",",  "[,", "a: |\n", "a: {b: c}\n", "- a\n", "\"\\\n", "a b c d e f\n",
        " ",  "\t",  "a:\n ", "- - \n", "&",  "*",  "!",      "%",           "@",     "`",      "\xC3\xBC"}) {
    const std::string text = repeated(pattern, 120000 / std::string_view(pattern).size());
    const auto begin = std::chrono::steady_clock::now();
    read("p.yaml", text);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{30}) << pattern;
  }
}

}  // namespace
}  // namespace totpilot::yaml
