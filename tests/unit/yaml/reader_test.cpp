#include "agent/yaml/reader.h"

#include <gtest/gtest.h>

namespace totpilot::yaml {
namespace {

Node tree(std::string_view text) {
  Document document = read("t.yaml", text);
  EXPECT_TRUE(document.ok()) << render(document.problems, text);
  return std::move(document.root);
}

std::string place(const SourcePosition& at) { return to_string(at); }

TEST(YamlReader, KeepsThePlaceOfEveryKeyAndValue) {
  const Node root = tree("app: n8n\nsession:\n  in: { url: \"/home\" }\nlist:\n  - a\n  - key: b\n");
  EXPECT_EQ(place(root.find("session")->at), "t.yaml:2:1");
  const Node& in = root.find("session")->value.find("in")->value;
  EXPECT_EQ(place(in.at), "t.yaml:3:7");
  EXPECT_EQ(place(in.find("url")->value.at), "t.yaml:3:14");
  const Node& list = root.find("list")->value;
  EXPECT_EQ(place(list.items[0].at), "t.yaml:5:5");
  EXPECT_EQ(place(list.items[1].find("key")->value.at), "t.yaml:6:10");
}

TEST(YamlReader, CountsColumnsInBytesBehindOtherLettersAndByteOrderMarks) {
  EXPECT_EQ(place(tree("\xEF\xBB\xBFgr\xC3\xBC\xC3\x9F: x\n").find("gr\xC3\xBC\xC3\x9F")->value.at), "t.yaml:1:9");
}

TEST(YamlReader, TellsQuotedFromPlain) {
  const Node root = tree("a: 5\nb: \"5\"\nc: '5'\nd: |\n  5\n");
  EXPECT_EQ(root.find("a")->value.style, Node::Style::kPlain);
  EXPECT_EQ(root.find("b")->value.style, Node::Style::kQuoted);
  EXPECT_EQ(root.find("c")->value.style, Node::Style::kQuoted);
  EXPECT_EQ(root.find("d")->value.style, Node::Style::kQuoted);
}

TEST(YamlReader, ConvertsNothing) {
  const Node root = tree("octal: 012345\ndate: 2026-11-24\nbig: 1e400\n");
  EXPECT_EQ(root.find("octal")->value.text, "012345");
  EXPECT_EQ(root.find("date")->value.text, "2026-11-24");
  EXPECT_EQ(root.find("big")->value.text, "1e400");
}

TEST(YamlReader, ReadsWindowsLineEnds) {
  const Node root = tree("a: x\r\nb: y\r\n");
  EXPECT_EQ(root.find("b")->value.text, "y");
  EXPECT_EQ(place(root.find("b")->at), "t.yaml:2:1");
}

TEST(YamlReader, GivesANullRootForAnEmptyText) {
  EXPECT_TRUE(tree("").is_null());
  EXPECT_TRUE(tree("# only a comment\n").is_null());
}

TEST(YamlReader, FindsEveryRepeatedKeyAndReadsOn) {
  const std::string_view text = "a: 1\nb: { c: 1, c: 2 }\na: 3\nz: 4\n";
  const Document document = read("t.yaml", text);
  EXPECT_TRUE(document.complete);
  ASSERT_EQ(document.problems.size(), 2U);
  EXPECT_EQ(place(document.problems[0].at), "t.yaml:2:12");
  EXPECT_EQ(place(document.problems[1].at), "t.yaml:3:1");
  EXPECT_EQ(document.problems[1].suggestion, "the first one is in line 1; keep one of them");
  EXPECT_NE(document.root.find("z"), nullptr);
}

TEST(YamlReader, RefusesWordsThatAreTruthValuesToOtherReaders) {
  for (const char* word : {"on", "Off", "YES", "no"}) {
    const Document document = read("t.yaml", fmt::format("key: {}\n", word));
    ASSERT_EQ(document.problems.size(), 1U) << word;
    EXPECT_EQ(document.problems[0].rule, "ambiguous-truth");
    EXPECT_FALSE(read("t.yaml", fmt::format("{}: x\n", word)).ok()) << word;
    EXPECT_TRUE(read("t.yaml", fmt::format("key: \"{}\"\n", word)).ok()) << word;
  }
}

TEST(YamlReader, AllowsOneDocumentMarker) {
  EXPECT_EQ(tree("---\na: x\n").find("a")->value.text, "x");
  EXPECT_EQ(tree("---\na: x\n...\n").find("a")->value.text, "x");
}

TEST(YamlReader, ExplainsSyntaxErrorsInItsOwnWords) {
  const auto first = [](std::string_view text) { return read("t.yaml", text).problems.at(0); };
  EXPECT_EQ(first("a: [1, 2\n").message, "a [ is not closed");
  EXPECT_EQ(first("a:\n\tb: 1\n").message, "a tab is used for indentation");
  EXPECT_EQ(first("a: b: c\n").message, "a colon cannot stand here");
  EXPECT_EQ(first("a: @b\n").message, "this character cannot begin a value");
  EXPECT_EQ(first("a: \"b\n").message, "this quote is not closed");
  EXPECT_EQ(first("a: 'b''\n").message, "this quote is not closed");
  EXPECT_EQ(first("a: \"b").message, "a quote is not closed");
  EXPECT_EQ(first("a: \"\\q\"\n").message, "an unknown escape in double quotes");
}

}  // namespace
}  // namespace totpilot::yaml
