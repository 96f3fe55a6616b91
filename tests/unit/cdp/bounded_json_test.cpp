#include "drivers/cdp/bounded_json.h"

#include <gtest/gtest.h>

namespace totpilot::cdp {
namespace {

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(BoundedJson, ReadsEveryKindOfValueAsNlohmannDoes) {
  const std::string text =
      R"({"a":[1,-2,3.5,true,false,null,"x\u00e9\n",{}],"b":{"c":{"d":[[],[1]]}},"big":18446744073709551615,"":""})";

  const auto document = read_json(text);

  ASSERT_TRUE(document);
  EXPECT_EQ(*document, nlohmann::json::parse(text));
}

TEST(BoundedJson, ReadsADocumentThatIsOneScalar) { EXPECT_EQ(read_json("\"x\"").value(), "x"); }

TEST(BoundedJson, TakesTheLastOfTwoEqualKeysAsNlohmannDoes) {
  EXPECT_EQ(read_json(R"({"a":1,"a":2})").value()["a"], 2);
}

TEST(BoundedJson, TakesNestingUpToTheLimitAndRefusesOneLevelMore) {
  EXPECT_TRUE(read_json(nested(16), 16));
  EXPECT_EQ(read_json(nested(17), 16).error(), "nested deeper than 16");
}

TEST(BoundedJson, RefusesAMillionLevelsWithoutOverflowingTheStack) { EXPECT_FALSE(read_json(nested(1'000'000))); }

TEST(BoundedJson, SaysWhereItIsWrongAndDoesNotQuoteTheText) {
  const auto error = read_json(R"({"password": hunter2})").error();

  EXPECT_EQ(error, "not json at byte 14");
}

TEST(BoundedJson, RefusesWhatFollowsTheDocument) { EXPECT_FALSE(read_json("{} {}")); }

TEST(BoundedJson, RefusesBrokenUtf8) { EXPECT_FALSE(read_json("\"\xff\"")); }

TEST(BoundedJson, WipesEveryStringOfADocument) {
  auto document = nlohmann::json{{"a", "hunter2"}, {"b", {"hunter3", {{"c", "hunter4"}}}}, {"n", 5}};

  wipe_strings(document);

  EXPECT_EQ(document.dump().find("hunter"), std::string::npos);
  EXPECT_EQ(document["n"], 5);
}

TEST(SecretText, IsWhatADumpWouldBe) {
  const nlohmann::json document = {{"text", "\xff \u00e9 \"quoted\" \n"}, {"list", {1, -2.5, nullptr, true}}};

  EXPECT_EQ(secret_text(document, Characters::kAny),
            document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  EXPECT_EQ(secret_text(document, Characters::kAscii),
            document.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
}

}  // namespace
}  // namespace totpilot::cdp
