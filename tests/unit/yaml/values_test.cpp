#include "agent/yaml/values.h"

#include <gtest/gtest.h>

#include "agent/yaml/reader.h"

namespace totpilot::yaml {
namespace {

using namespace std::chrono_literals;

Node value(const std::string& text) {
  Document document = read("v.yaml", "v: " + text + "\n");
  EXPECT_TRUE(document.complete) << text;
  return document.root.find("v") ? document.root.find("v")->value : Node{};
}

TEST(YamlValues, RefuseATextThatOtherReadersTakeForSomethingElse) {
  for (const char* plain :
       {"5", "012345", "1.0", "0x1F", "1e3", ".inf", "12:30", "true", "False", "~", "null", "2026-11-24", "1_000"}) {
    const auto got = text(value(plain));
    ASSERT_FALSE(got.has_value()) << plain;
    EXPECT_EQ(text(value(fmt::format("\"{}\"", plain))).value(), plain);
  }
  EXPECT_EQ(text(value("5")).error().suggestion, "write it in quotes: \"5\"");
}

TEST(YamlValues, TakeOrdinaryWordsAndVersionsAsText) {
  for (const char* plain : {"Sign in", "5.0.4", "1.2.3-rc1", "/login", "a", ".css", "+49x", "5 per 1m"})
    EXPECT_EQ(text(value(plain)).value_or("?"), plain);
}

TEST(YamlValues, TakeOnlyTrueAndFalse) {
  EXPECT_TRUE(boolean(value("true")).value());
  EXPECT_FALSE(boolean(value("false")).value());
  for (const char* other : {"True", "yes", "1", "\"true\"", "[]"})
    EXPECT_FALSE(boolean(value(other)).has_value()) << other;
}

TEST(YamlValues, CheckTheRangeOfNumbers) {
  EXPECT_EQ(integer(value("6"), 6, 8).value(), 6);
  EXPECT_EQ(integer(value("-3")).value(), -3);
  for (const char* other : {"5", "9", "06", "6.0", "\"6\"", "0x6", "99999999999999999999", "6s", "--1"})
    EXPECT_FALSE(integer(value(other), 6, 8).has_value()) << other;
}

TEST(YamlValues, ReadDurationsWithTheirUnit) {
  EXPECT_EQ(duration(value("500ms")).value(), 500ms);
  EXPECT_EQ(duration(value("30s")).value(), 30s);
  EXPECT_EQ(duration(value("1m")).value(), 60s);
  EXPECT_EQ(duration(value("2h")).value(), 2h);
  EXPECT_EQ(duration(value("30d")).value(), std::chrono::days{30});
  for (const char* other : {"30", "1 m", "1m30s", "-1s", "s", "1.5s", "030s", "99999999999999d", "5min"})
    EXPECT_FALSE(duration(value(other)).has_value()) << other;
  EXPECT_EQ(duration(value("30")).error().suggestion, "did you mean 30s?");
  EXPECT_FALSE(duration(value("2h"), 1s, 1h).has_value());
}

TEST(YamlValues, PrintDurationsSoThatTheyReadBack) {
  for (const auto span : {0ms, 1ms, 1500ms, 90000ms, 3600000ms, 86400000ms})
    EXPECT_EQ(parse_duration(to_text(span)).value(), span) << to_text(span);
}

TEST(YamlValues, TakeOneTextOrAList) {
  EXPECT_EQ(texts(value("Sign in")).value(), std::vector<std::string>{"Sign in"});
  EXPECT_EQ(texts(value("[Sign in, Anmelden]")).value(), (std::vector<std::string>{"Sign in", "Anmelden"}));
  EXPECT_FALSE(texts(value("[]")).has_value());
  EXPECT_FALSE(texts(value("[a, 5]")).has_value());
  EXPECT_FALSE(texts(value("")).has_value());
}

}  // namespace
}  // namespace totpilot::yaml
