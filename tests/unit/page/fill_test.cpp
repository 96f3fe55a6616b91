#include <fstream>

#include "tests/unit/page/page_test.h"

namespace totpilot::tests {
namespace {

using browser::Checked;
using browser::Locator;
using Fill = PageTest;

class Filling : public PageTest {
 protected:
  void SetUp() override {
    PageTest::SetUp();
    open("/fill.html");
  }
  /// The value of a control, as the page port reads it.
  std::string value_of(const std::string& selector) {
    for (const auto& reading : run(page().read(css(selector), soon()))) {
      if (reading.kind == browser::Reading::Kind::kValue) return std::string(reading.content.reveal());
    }
    return {};
  }
};

TEST_F(Filling, ReplacesTheValueWithTheEventsAPersonCauses) {
  fill(css("#plain"), "after");

  EXPECT_EQ(value_of("#plain"), "after");
  EXPECT_EQ(log(), "keydown beforeinput input keyup change");
}

TEST_F(Filling, IsTakenByAReactControlledInput) {
  fill(css("#react"), "Ann");

  EXPECT_EQ(text_of(css("#react-state")), "Ann");
  EXPECT_EQ(value_of("#react"), "Ann");
}

TEST_F(Filling, IsTakenByAVueModel) {
  fill(css("#vue"), "Ann");

  EXPECT_EQ(text_of(css("#vue-state")), "Ann");
}

TEST_F(Filling, FailsOnAFieldThatTrimsOrGroupsTheText) {
  const Failure failure = failure_of(page().fill(css("#masked"), "12345678", soon()));

  EXPECT_EQ(failure.code(), Outcome::kPageChanged);
  EXPECT_NE(failure.message().find("did not keep the text"), std::string::npos) << failure.message();
  EXPECT_EQ(value_of("#masked"), "1234 5678");
}

TEST_F(Filling, KeepsTheBlanksAndLinesOfAText) {
  fill(css("#notes"), " two\r\nlines ");
  fill(css("#editor"), "new  words ");

  EXPECT_EQ(value_of("#notes"), " two\nlines ");
}

TEST_F(Filling, FailsOnAFieldThatKeepsItsOwnMind) {
  const Failure failure = failure_of(page().fill(css("#stubborn"), "mine", soon()));

  EXPECT_EQ(failure.code(), Outcome::kPageChanged);
  EXPECT_NE(failure.message().find("did not keep the text"), std::string::npos) << failure.message();
}

TEST_F(Filling, WaitsForAReadOnlyField) {
  fill(css("#late"), "now");

  EXPECT_EQ(value_of("#late"), "now");
}

TEST_F(Filling, SaysThatAFieldIsReadOnly) {
  const Failure failure = failure_of(page().fill(css("#fixed"), "new", shortly()));

  EXPECT_NE(failure.message().find("is read-only"), std::string::npos) << failure.message();
}

TEST_F(Filling, ReplacesTheTextOfAnEditor) {
  fill(css("#editor"), "new words");

  EXPECT_EQ(text_of(css("#editor")), "new words");
}

TEST_F(Filling, FindsAFieldByItsLabel) {
  fill(by(Locator::Kind::kLabel, "notes"), "some notes");

  EXPECT_EQ(value_of("#notes"), "some notes");
}

TEST_F(Filling, SelectsAnOptionByTextOrValue) {
  run(page().select(css("#colour"), "Green", soon()));
  run(page().select(css("#colour"), "r", soon()));

  EXPECT_EQ(log(), "colour g colour r");
}

TEST_F(Filling, NamesTheOptionsWhenThereIsNoSuchOne) {
  const Failure failure = failure_of(page().select(css("#colour"), "Blue", shortly()));

  EXPECT_NE(failure.message().find("has no option \"Blue\"; it has \"Red\", \"Green\""), std::string::npos)
      << failure.message();
}

TEST_F(Filling, ChecksOnlyWhatIsNotChecked) {
  run(page().set_checked(css("#agree"), Checked::kYes, soon()));
  run(page().set_checked(css("#agree"), Checked::kYes, soon()));
  run(page().set_checked(css("#agree"), Checked::kNo, soon()));

  EXPECT_EQ(log(), "agree true agree false");
}

TEST_F(Filling, ChecksABoxThatItsLabelDraws) {
  run(page().set_checked(css("#drawn"), Checked::kYes, soon()));

  EXPECT_EQ(log(), "drawn true");
}

TEST_F(Filling, WaitsForASwitchToHaveSwitched) {
  run(page().set_checked(role("switch", "Alerts"), Checked::kYes, soon()));

  EXPECT_EQ(log(), "switched");
}

TEST_F(Filling, PressesAKeyInAField) {
  fill(by(Locator::Kind::kLabel, "Search"), "codes");
  run(page().press("Enter", by(Locator::Kind::kLabel, "Search"), soon()));

  EXPECT_EQ(log(), "searched codes");
}

TEST_F(Filling, RefusesAKeyItDoesNotKnow) {
  EXPECT_EQ(failure_of(page().press("Any", std::nullopt, soon())).code(), Outcome::kInvalidInput);
}

TEST_F(Filling, UploadsToAHiddenFileInput) {
  // The browser sees another file system than we do; what it certainly has is its own.
  run(page().upload(css("#file"), "/etc/hostname", soon()));

  EXPECT_EQ(log(), "file hostname");
}

}  // namespace
}  // namespace totpilot::tests
