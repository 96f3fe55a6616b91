#include "agent/cli/output.h"

#include <gtest/gtest.h>

#include "agent/base/secret.h"

namespace totpilot::cli {
namespace {

using namespace std::chrono_literals;

TEST(Printable, TerminalEscapesLoseTheirPower) {
  EXPECT_EQ(printable("a\x1b[31mred\x07"), "a?[31mred?");
  EXPECT_EQ(printable("a\xC2\x9B"
                      "31m"),
            "a?31m");
  EXPECT_EQ(printable("ümlaut …\tand\nlines"), "ümlaut …\tand\nlines");
}

TEST(ForPeople, SpansAreShortAndExactEnough) {
  EXPECT_EQ(for_people(412ms), "412 ms");
  EXPECT_EQ(for_people(1234ms), "1.2 s");
  EXPECT_EQ(for_people(125s), "2 min 5 s");
  EXPECT_EQ(for_people(3h + 4min), "3 h 4 min");
  EXPECT_EQ(for_people(80h), "3 days");
}

TEST(FailureJson, HasEveryMemberAlways) {
  const auto json = to_json(Failure(Outcome::kPageChanged, "no button").at({"a.yaml", 3, 5}));
  EXPECT_EQ(json["outcome"], "page_changed");
  EXPECT_EQ(json["exit_code"], 5);
  EXPECT_EQ(json["position"]["line"], 3);
  EXPECT_EQ(json["retry"], "after_change");
  EXPECT_TRUE(json["hint"].is_string());
}

TEST(FailureJson, ALivingSecretIsTakenOutOfTheMessage) {
  const Secret secret(std::string("correct-horse-battery"));
  EXPECT_EQ(to_json(Failure(Outcome::kInternal, "got correct-horse-battery"))["message"], "got [redacted]");
}

}  // namespace
}  // namespace totpilot::cli
