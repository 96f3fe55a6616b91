#include "tests/unit/page/page_test.h"

namespace totpilot::tests {
namespace {

class CodeWidget : public PageTest, public testing::WithParamInterface<const char*> {};

TEST_P(CodeWidget, TakesTheWholeCode) {
  open(std::string("/otp.html?") + GetParam());

  fill_code(field(browser::FieldKind::kCode), "123406");

  EXPECT_EQ(log().substr(0, 6), "123406");
}

INSTANTIATE_TEST_SUITE_P(OfEachKind, CodeWidget,
                         testing::Values("single", "advance", "keys", "keyup", "rendered", "gated", "paste", "drawn",
                                         "spaced", "component"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
}  // namespace totpilot::tests
