#include "tests/unit/page/page_test.h"

namespace totpilot::tests {
namespace {

using Click = PageTest;

#define EXPECT_SAYS(failure, words) EXPECT_NE((failure).message().find(words), std::string::npos) << (failure).message()

TEST_F(Click, IsATrustedPress) {
  open("/buttons.html");

  click(role("button", "Press me"));

  EXPECT_EQ(log(), "plain");
}

TEST_F(Click, ScrollsToWhatLiesBelow) {
  open("/buttons.html");

  click(css("#low"));

  EXPECT_EQ(log(), "low");
}

TEST_F(Click, WaitsForADisabledButton) {
  open("/buttons.html");

  click(css("#later"));

  EXPECT_EQ(log(), "later");
}

TEST_F(Click, WaitsOutAnOverlay) {
  open("/buttons.html");

  click(css("#fading-under"));

  EXPECT_EQ(log(), "faded");
}

TEST_F(Click, WaitsUntilAMovingButtonStands) {
  open("/buttons.html");

  click(css("#slider"));

  EXPECT_EQ(log(), "slider");
}

TEST_F(Click, FindsAPointOfALinkThatIsBrokenOverLines) {
  open("/buttons.html");

  click(css("#split"));

  EXPECT_EQ(log(), "link");
}

TEST_F(Click, TakesTheVisibleOneOfTwins) {
  open("/buttons.html");

  click(role("button", "Confirm"));

  EXPECT_EQ(log(), "twin");
}

TEST_F(Click, ListsTheCandidatesWhenSeveralMatch) {
  open("/buttons.html");

  const Failure failure = failure_of(page().click(role("button", "Save"), shortly()));

  EXPECT_EQ(failure.code(), Outcome::kPageChanged);
  EXPECT_SAYS(failure, "matches 2 elements: <button> \"Save\", <button> \"Save draft\"");
}

TEST_F(Click, NamesTheNearestWhenNothingMatches) {
  open("/buttons.html");

  const Failure failure = failure_of(page().click(role("button", "Press me now"), shortly()));

  EXPECT_EQ(failure.code(), Outcome::kPageChanged);
  EXPECT_SAYS(failure, "nothing matches {role: button, name: \"Press me now\"}; nearest: <button #plain> \"Press me\"");
  EXPECT_SAYS(failure, "the page shows \"Buttons\"");
}

TEST_F(Click, SaysThatTheElementIsDisabled) {
  open("/buttons.html");

  EXPECT_SAYS(failure_of(page().click(css("#disabled"), shortly())), "<button #disabled> \"Not now\" is disabled");
}

TEST_F(Click, SaysThatTheElementIsInvisible) {
  open("/buttons.html");

  EXPECT_SAYS(failure_of(page().click(css("#invisible"), shortly())), "is not visible");
}

TEST_F(Click, SaysWhatCoversTheElement) {
  open("/buttons.html");

  EXPECT_SAYS(failure_of(page().click(css("#under"), shortly())),
              "<button #under> \"Underneath\" is covered by <div #cover>");
  EXPECT_EQ(log(), "");
}

TEST_F(Click, SaysThatTheElementIsMoving) {
  open("/moving.html");

  EXPECT_SAYS(failure_of(page().click(css("#forever"), shortly())), "is moving");
  EXPECT_EQ(log(), "");
}

TEST_F(Click, IsSwallowedAndMadeAgainWhenSomethingComesBetween) {
  open("/swap.html");

  click(css("#wanted"));

  EXPECT_EQ(log(), "wanted");
}

TEST_F(Click, CostsOnlyTimeOnAPageThatKeepsACoreBusy) {
  open("/busy.html");

  fill(by(browser::Locator::Kind::kPlaceholder, "Name"), "Ann");
  click(role("button"));

  EXPECT_EQ(log(), "Ann pressed");
}

TEST_F(Click, IfThereTellsWhetherItDid) {
  open("/buttons.html");

  EXPECT_FALSE(
      run(page().click_if_there(role("button", "Accept cookies"), Deadline::after(std::chrono::milliseconds(150)))));
  EXPECT_TRUE(run(page().click_if_there(css("#plain"), soon())));
  EXPECT_EQ(log(), "plain");
}

TEST_F(Click, RefusesASelectorThatIsNone) {
  open("/buttons.html");

  EXPECT_EQ(failure_of(page().click(css("button["), soon())).code(), Outcome::kInvalidInput);
}

}  // namespace
}  // namespace totpilot::tests
