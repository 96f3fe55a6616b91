#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/flow/code_pattern.h"
#include "agent/flow/recovery_scan.h"
#include "agent/flow/secret_scan.h"
#include "agent/totp/base32.h"

namespace totpilot::flow {
namespace {

using testing::HasSubstr;

constexpr const char* kKey = "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP";
constexpr const char* kUri =
    "otpauth://totp/Acme:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Acme&algorithm=SHA256&digits=8&period=60";

PlacedText at(std::string where, std::string text, Route route = Route::kText, bool named = false) {
  return {route, named, std::move(where), Secret(std::move(text))};
}

template <class... Places>
PageText page(Places... places) {
  PageText texts;
  (texts.push_back(std::move(places)), ...);
  return texts;
}

std::string key_of(const std::optional<FoundSecret>& found) {
  return found ? std::string(totp::base32_encode(found->otpauth.key).reveal()) : "nothing";
}

Outcome failure_code(const PageText& texts) {
  try {
    (void)find_secret(texts);
  } catch (const Failure& failure) {
    return failure.code();
  }
  return Outcome::kOk;
}

TEST(SecretScan, TakesAlgorithmDigitsAndPeriodFromTheUri) {
  const auto found = find_secret(page(at("img", kUri, Route::kPicture)));
  EXPECT_EQ(found->otpauth.parameters.digits, 8);
  EXPECT_EQ(found->otpauth.parameters.period.count(), 60);
  EXPECT_EQ(found->otpauth.parameters.algorithm, totp::Algorithm::kSha256);
}

TEST(SecretScan, SaysWhichSourcesAgree) {
  const auto found = find_secret(page(at("code", kKey), at("img", kUri, Route::kPicture)));
  EXPECT_EQ(found->source, "qr+text");
  EXPECT_EQ(found->places.size(), 2U);
}

TEST(SecretScan, ReadsAUriWithinAnotherAddress) {
  const auto found = find_secret(page(
      at("img", "https://chart.example/?d=otpauth%3A%2F%2Ftotp%2FA%3Fsecret%3DJBSWY3DPEHPK3PXP&s=200", Route::kLink)));
  EXPECT_EQ(key_of(found), "JBSWY3DPEHPK3PXP");
}

struct Written {
  const char* name;
  const char* text;
};
class KeyText : public testing::TestWithParam<Written> {};
TEST_P(KeyText, IsFound) { EXPECT_EQ(key_of(find_secret(page(at("code", GetParam().text)))), "JBSWY3DPEHPK3PXP"); }
INSTANTIATE_TEST_SUITE_P(
    Ways, KeyText,
    testing::Values(Written{"plain", "JBSWY3DPEHPK3PXP"}, Written{"groups", "JBSW Y3DP EHPK 3PXP"},
                    Written{"dashes", "JBSW-Y3DP-EHPK-3PXP"}, Written{"lower", "jbsw y3dp ehpk 3pxp"},
                    Written{"in_a_sentence", "Enter this secret: JBSW Y3DP EHPK 3PXP (Alice) in your app."},
                    Written{"no_break_spaces",
                            "JBSW\xC2\xA0Y3DP\xC2\xA0"
                            "EHPK\xC2\xA0"
                            "3PXP"},
                    Written{"padded", "JBSWY3DPEHPK3PXP===="}, Written{"label_before", "KEY: JBSWY3DPEHPK3PXP"}),
    [](const auto& info) { return std::string(info.param.name); });

class NoKey : public testing::TestWithParam<Written> {};
TEST_P(NoKey, IsNotTakenForOne) { EXPECT_EQ(key_of(find_secret(page(at("p", GetParam().text)))), "nothing"); }
INSTANTIATE_TEST_SUITE_P(Texts, NoKey,
                         testing::Values(Written{"sentence_in_fours", "scan this code with your"},
                                         Written{"long_word", "internationalization"},
                                         Written{"uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
                                         Written{"mixed_case_token", "aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ"},
                                         Written{"short", "JBSWY3DP"}, Written{"id", "mw-input-wptwofactor-34"},
                                         Written{"hex", "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(SecretScan, ReadsAKeyOfFortyTwoLettersBesideRecoveryCodesOfTheSameAlphabet) {
  PageText texts = page(at("kbd in #manual", "GSQF USD4 KMHX C6FF GSQF USD4 KMHX C6FF GSQF USD4 KM Alice"));
  for (const char* code : {"AAAA BBB2 CCCC DDD4", "EEEE FFF3 GGGG HHH5", "IIII JJJ4 KKKK LLL6", "MMMM NNN5 OOOO PPP7"})
    texts.push_back(at("kbd in #tokens", code));
  EXPECT_EQ(key_of(find_secret(texts)).size(), 42U);
}

TEST(SecretScan, RefusesSourcesThatDoNotAgreeAndNamesThem) {
  try {
    (void)find_secret(
        page(at("the code element", "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"), at("the picture", kUri, Route::kPicture)));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Outcome::kSecretMismatch);
    EXPECT_THAT(failure.message(), HasSubstr("the code element"));
    EXPECT_THAT(failure.message(), HasSubstr("the picture"));
    EXPECT_THAT(failure.message(), testing::Not(HasSubstr("MFRG")));
  }
}

TEST(SecretScan, RefusesTwoDifferentUris) {
  EXPECT_EQ(failure_code(page(at("a", kUri, Route::kPicture),
                              at("b", "otpauth://totp/x?secret=MFRGGZDFMZTWQ2LK", Route::kLink))),
            Outcome::kSecretMismatch);
}

TEST(SecretScan, RefusesAUriWithAnAlgorithmThatItDoesNotKnow) {
  EXPECT_EQ(failure_code(page(at("a", "otpauth://totp/x?secret=MFRGGZDFMZTWQ2LK&algorithm=MD5", Route::kPicture))),
            Outcome::kSecretNotFound);
}

TEST(SecretScan, BelievesThePlaceThatThePlaybookNames) {
  const auto found =
      find_secret(page(at("named", "MFRGGZDFMZTWQ2LK", Route::kText, true), at("other", "JBSWY3DPEHPK3PXP"),
                       at("again", "MFRGGZDFMZTWQ2LK", Route::kCopy, true)));
  EXPECT_EQ(key_of(found), "MFRGGZDFMZTWQ2LK");
  EXPECT_EQ(found->source, "copy+text");
}

TEST(SecretScan, IgnoresTokensInAttributes) {
  EXPECT_EQ(key_of(find_secret(page(at("data-csrf of form", "JBSWY3DPEHPK3PXP", Route::kAttribute)))), "nothing");
}

TEST(SecretScan, MasksWhatMayBeASecretInAnOutline) {
  EXPECT_EQ(mask_secret_like("listitem \"5cad 9d59 513a\""), "listitem \"[masked]\"");
  EXPECT_THAT(mask_secret_like("text \"JBSW Y3DP EHPK 3PXP\""), testing::Not(HasSubstr("JBSW")));
  EXPECT_EQ(mask_secret_like("button \"Activate\""), "button \"Activate\"");
}

std::vector<std::string> codes_of(const std::expected<FoundCodes, std::string>& found) {
  std::vector<std::string> codes;
  if (!found) return {found.error()};
  for (const Secret& code : found->codes) codes.emplace_back(code.reveal());
  return codes;
}

TEST(RecoveryScan, TakesEqualShapesAsAList) {
  const PageText texts = page(at("h2", "Recovery codes"), at("li", "5cad 9d59 513a"), at("li", "1b2c 3d4e 5f60"),
                              at("li", "aaaa 1111 bbbb"));
  EXPECT_THAT(codes_of(find_recovery_codes(texts, {}, nullptr)),
              testing::ElementsAre("5cad 9d59 513a", "1b2c 3d4e 5f60", "aaaa 1111 bbbb"));
}

TEST(RecoveryScan, ReadsANumberedListInTwoColumns) {
  const PageText texts = page(at("pre", "1. abcd1-efgh2   2. ijkl3-mnop4\n3. qrst5-uvwx6   4. yzab7-cdef8\n"));
  EXPECT_EQ(codes_of(find_recovery_codes(texts, {4, std::nullopt}, nullptr)).size(), 4U);
}

TEST(RecoveryScan, ReadsADownloadWithAHeader) {
  const PageText texts = page(at("download", "Backup codes for alice (2026-11-24)\n\n12345678\n23456789\n34567890\n"));
  EXPECT_THAT(codes_of(find_recovery_codes(texts, {}, nullptr)),
              testing::ElementsAre("12345678", "23456789", "34567890"));
}

TEST(RecoveryScan, NeverTakesTheTotpSecretForACode) {
  const Secret key = *totp::base32_decode("GSQFUSD4KMHXC6FF");
  const PageText texts =
      page(at("kbd", "GSQF USD4 KMHX C6FF"), at("kbd", "AAAA BBB2 CCCC DDD4"), at("kbd", "EEEE FFF3 GGGG HHH5"));
  EXPECT_EQ(codes_of(find_recovery_codes(texts, {}, &key)).size(), 2U);
}

TEST(RecoveryScan, WantsTheExactCountWhereOneIsGiven) {
  const PageText texts = page(at("li", "5cad9d59"), at("li", "1b2c3d4e"));
  EXPECT_THAT(codes_of(find_recovery_codes(texts, {10, std::nullopt}, nullptr)).front(), HasSubstr("has 2"));
}

TEST(RecoveryScan, TakesNoMenuForCodes) {
  EXPECT_FALSE(find_recovery_codes(page(at("a", "Projects"), at("a", "Settings"), at("a", "Calendar")), {}, nullptr));
}

TEST(RecoveryScan, FollowsAPattern) {
  const PageText texts = page(at("p", "Codes: AAAA-1111, BBBB-2222 and CCCC-3333. Ticket ABCD-12345."));
  EXPECT_THAT(codes_of(find_recovery_codes(texts, {3, "[A-Z]{4}-[0-9]{4}"}, nullptr)),
              testing::ElementsAre("AAAA-1111", "BBBB-2222", "CCCC-3333"));
}

TEST(RecoveryScan, RefusesAPatternThatDoesNotCompile) {
  EXPECT_THROW((void)find_recovery_codes({}, {3, "[A-Z"}, nullptr), Failure);
}

struct PatternCase {
  const char* pattern;
  const char* text;
  bool matches;
};
class Pattern : public testing::TestWithParam<PatternCase> {};
TEST_P(Pattern, Matches) {
  const auto pattern = CodePattern::compile(GetParam().pattern);
  ASSERT_TRUE(pattern) << pattern.error();
  EXPECT_EQ(pattern->matches(GetParam().text), GetParam().matches);
}
INSTANTIATE_TEST_SUITE_P(Cases, Pattern,
                         testing::Values(PatternCase{"[0-9a-f]{4} [0-9a-f]{4}", "12ab 34cd", true},
                                         PatternCase{"[0-9a-f]{4}", "12abc", false},
                                         PatternCase{"\\d{6,8}", "1234567", true},
                                         PatternCase{"\\d{6,8}", "12345", false},
                                         PatternCase{"(?:ab|c)+", "abcab", true}, PatternCase{"a?b*c", "bbc", true},
                                         PatternCase{"[^-]+-x", "foo-x", true},
                                         PatternCase{"(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false},
                                         PatternCase{"x{0}y", "y", true}));

TEST(CodePattern, SaysWhereItIsWrong) {
  for (const char* bad : {"", "[a", "(a", "a)", "a{2", "a{3,2}", "*a", "a{65}", "\\q", "^a"})
    EXPECT_FALSE(CodePattern::compile(bad)) << bad;
}

}  // namespace
}  // namespace totpilot::flow
