#include "tests/unit/page/page_test.h"

namespace totpilot::tests {
namespace {

using browser::FieldKind;

/// A form of site/fields.html, the index of each input that is meant (-1: there is none), and the button that submits
/// the password or code.
struct Case {
  const char* form;
  int username;
  int password;
  int code;
  const char* submits;
};

class FieldsOf : public PageTest, public testing::WithParamInterface<Case> {
 protected:
  void expect_found(FieldKind kind, int index) {
    if (index < 0) return;
    open(std::string("/fields.html?") + GetParam().form);
    fill(field(kind), "x");
    EXPECT_EQ(log(), std::to_string(index) + "=x");
  }
};

TEST_P(FieldsOf, AreFoundByTheirTraits) {
  expect_found(FieldKind::kUsername, GetParam().username);
  expect_found(FieldKind::kPassword, GetParam().password);
  expect_found(FieldKind::kCode, GetParam().code);
}

TEST_P(FieldsOf, AreSubmittedByTheRightButton) {
  open(std::string("/fields.html?") + GetParam().form);

  click(submit_of(field(GetParam().password >= 0 ? FieldKind::kPassword : FieldKind::kCode)));

  EXPECT_EQ(log(), GetParam().submits);
}

INSTANTIATE_TEST_SUITE_P(Forms, FieldsOf,
                         testing::Values(Case{"classic", 0, 1, -1, "Login"}, Case{"bare", 0, 1, 2, "Sign In"},
                                         Case{"formless", 0, 1, -1, "Continue"}, Case{"german", 0, 1, 2, "Anmelden"},
                                         Case{"japanese", 0, 1, 2, "ログイン"}, Case{"crowded", 3, 4, -1, "Log in"},
                                         Case{"change", -1, 0, -1, "Save"}, Case{"dialog", -1, -1, 0, "Disable 2FA"}),
                         [](const auto& each) { return std::string(each.param.form); });

using Field = PageTest;

TEST_F(Field, NewPasswordIsNotItsRepetition) {
  open("/fields.html?change");

  fill(field(FieldKind::kNewPassword), "x");

  EXPECT_EQ(log(), "1=x");
}

TEST_F(Field, OfAnotherKindIsNoCodeField) {
  open("/fields.html?crowded");

  const Failure failure = failure_of(page().fill(field(FieldKind::kCode), "x", shortly()));

  EXPECT_NE(failure.message().find("nothing matches {field: code}; nearest: <input"), std::string::npos)
      << failure.message();
}

TEST_F(Field, SubmittedByTwoEqualButtonsIsAmbiguous) {
  open("/fields.html?two");

  const Failure failure = failure_of(page().click(submit_of(field(FieldKind::kCode)), shortly()));

  EXPECT_NE(failure.message().find("matches 2 elements: <button> \"Verify\", <button> \"Submit\""), std::string::npos)
      << failure.message();
}

TEST_F(Field, SubmittedSaysThatTheFieldIsMissing) {
  open("/fields.html?classic");

  const Failure failure = failure_of(page().click(submit_of(css("#gone")), shortly()));

  EXPECT_NE(failure.message().find("the field to submit is missing: nothing matches {css: \"#gone\"}"),
            std::string::npos)
      << failure.message();
}

}  // namespace
}  // namespace totpilot::tests
