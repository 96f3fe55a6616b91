#include "agent/base/outcome.h"

#include <gtest/gtest.h>

#include <set>

namespace totpilot {
namespace {

TEST(Outcome, EveryCodeHasANameOfItsOwnAndSaysWhatToDo) {
  std::set<std::string_view> names;
  for (const OutcomeInfo& row : all_outcomes()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.meaning.empty()) << row.name;
    EXPECT_FALSE(row.next_step.empty()) << row.name;
    EXPECT_EQ(outcome_from_name(row.name), row.code);
  }
}

TEST(Outcome, OnlyOkExitsWithZero) {
  for (const OutcomeInfo& row : all_outcomes()) EXPECT_EQ(row.exit_code == 0, row.code == Outcome::kOk) << row.name;
}

}  // namespace
}  // namespace totpilot
