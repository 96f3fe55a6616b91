#include "tests/practice/oath.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <memory>

#include "tests/practice/text.h"

namespace totpilot::practice {
namespace {

/// What the command line tool of another code path says.
std::string oathtool(const std::string& arguments) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(("oathtool " + arguments).c_str(), "r"), &pclose);
  std::array<char, 64> line{};
  const std::string answer = fgets(line.data(), line.size(), pipe.get()) == nullptr ? "" : line.data();
  return answer.substr(0, answer.find('\n'));
}

Time at_second(std::int64_t second) { return Time(std::chrono::seconds(second)); }

constexpr const char* kSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";  // "12345678901234567890", RFC 6238 appendix B

TEST(PracticeOath, MakesTheCodesThatOathtoolMakes) {
  EXPECT_EQ(code_for(kSecret, 1, {}), oathtool("--totp -b --now='1970-01-01 00:00:59 UTC' " + std::string(kSecret)));
  EXPECT_EQ(code_for(kSecret, 37037036, {.digits = 8}),
            oathtool("--totp -d 8 -b --now='2005-03-18 01:58:29 UTC' " + std::string(kSecret)));
  EXPECT_EQ(code_for(kSecret, 18518518, {.hash = CodeScheme::Hash::kSha256, .digits = 6, .period = 60}),
            oathtool("--totp=SHA256 -s 60 -b --now='2005-03-18 01:58:29 UTC' " + std::string(kSecret)));
}

TEST(PracticeOath, KnowsTheVectorsOfRfc6238) {
  EXPECT_EQ(code_for(kSecret, window_at(at_second(59), {}), {.digits = 8}), "94287082");
  EXPECT_EQ(code_for(kSecret, window_at(at_second(20000000000), {}), {.digits = 8}), "65353130");
}

TEST(PracticeOath, FindsTheWindowOfACodeWithinTheRangeOnly) {
  const Time now = at_second(3000);
  const auto of = [&](std::int64_t window, WindowRange range) {
    return window_of(code_for(kSecret, window, {}), kSecret, now, range, {});
  };
  EXPECT_EQ(of(100, {.back = 0, .ahead = 0}), 100);
  EXPECT_EQ(of(99, {.back = 1, .ahead = 0}), 99);
  EXPECT_EQ(of(101, {.back = 0, .ahead = 1}), 101);
  EXPECT_EQ(of(99, {.back = 0, .ahead = 1}), std::nullopt);
  EXPECT_EQ(of(98, {.back = 1, .ahead = 1}), std::nullopt);
}

TEST(PracticeOath, MakesSecretsOf160BitsThatDiffer) {
  EXPECT_EQ(new_secret().size(), 32U);
  EXPECT_NE(new_secret(), new_secret());
}

TEST(PracticeText, EscapesValuesAndFailsForAValueThatIsMissing) {
  EXPECT_EQ(render("alert.html", {{"text", "<b>&\"</b>"}}),
            "<div role=\"alert\" class=\"alert\">&lt;b&gt;&amp;&quot;&lt;/b&gt;</div>\n");
  EXPECT_THROW(render("alert.html", {}), std::logic_error);
}

TEST(PracticeText, EncodesBase64WithItsPadding) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(PracticeText, DecodesForms) {
  const auto form = parse_form("a=1+2&b=%26%3D&empty=&a=3");
  EXPECT_EQ(form.at("a"), "3");
  EXPECT_EQ(form.at("b"), "&=");
  EXPECT_EQ(form.at("empty"), "");
}

}  // namespace
}  // namespace totpilot::practice
