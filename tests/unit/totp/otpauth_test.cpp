#include "agent/totp/otpauth.h"

#include "tests/unit/totp/support.h"

namespace totpilot::totp {
namespace {

void expect_same(const OtpAuth& a, const OtpAuth& b, const std::string& what) {
  EXPECT_TRUE(a.key.same_as(b.key)) << what;
  EXPECT_EQ(a.parameters, b.parameters) << what;
  EXPECT_EQ(a.issuer, b.issuer) << what;
  EXPECT_EQ(a.account, b.account) << what;
  EXPECT_EQ(a.vendor, b.vendor) << what;
}

TEST(OtpauthUri, ReadsWhatAppsShow) {
  for (const auto& entry : vectors("otpauth")["reads"]) {
    const auto uri = entry["uri"].get<std::string>();
    const auto otpauth = parse_otpauth(uri);
    ASSERT_TRUE(otpauth) << uri << ": " << otpauth.error();
    EXPECT_EQ(otpauth->issuer, entry["issuer"].get<std::string>()) << uri;
    EXPECT_EQ(otpauth->account, entry["account"].get<std::string>()) << uri;
    EXPECT_EQ(algorithm_name(otpauth->parameters.algorithm), entry["algorithm"].get<std::string>()) << uri;
    EXPECT_EQ(otpauth->parameters.digits, entry["digits"].get<int>()) << uri;
    EXPECT_EQ(otpauth->parameters.period.count(), entry["period"].get<int>()) << uri;
    EXPECT_EQ(encoder_name(otpauth->parameters.encoder), entry["encoder"].get<std::string>()) << uri;
    EXPECT_EQ(otpauth->vendor, entry.value("vendor", "")) << uri;
    EXPECT_TRUE(looks_like_otpauth(uri)) << uri;
  }
}

TEST(OtpauthUri, RefusesWhatItDoesNotKnowInsteadOfAssuming) {
  for (const auto& entry : vectors("otpauth")["refuses"]) {
    const auto uri = entry["uri"].get<std::string>();
    const auto otpauth = parse_otpauth(uri);
    ASSERT_FALSE(otpauth) << uri;
    EXPECT_TRUE(otpauth.error().contains(entry["says"].get<std::string>())) << uri << ": " << otpauth.error();
  }
}

TEST(OtpauthUri, NeverQuotesTheKeyInAnError) {
  for (const auto& entry : vectors("otpauth")["refuses"]) {
    const auto otpauth = parse_otpauth(entry["uri"].get<std::string>());
    ASSERT_FALSE(otpauth);
    EXPECT_FALSE(otpauth.error().contains("JBSWY3DP")) << otpauth.error();
  }
}

TEST(OtpauthUri, IsReadBackAsItWasPrinted) {
  for (const auto& entry : vectors("otpauth")["reads"]) {
    const auto uri = entry["uri"].get<std::string>();
    const auto first = parse_otpauth(uri);
    ASSERT_TRUE(first) << uri;
    const Secret printed = print_otpauth(*first);
    const auto second = parse_otpauth(printed.reveal());
    ASSERT_TRUE(second) << printed.reveal() << ": " << second.error();
    expect_same(*first, *second, uri);
  }
}

TEST(OtpauthUri, WritesOutWhatItWouldAssume) {
  const auto otpauth = parse_otpauth("otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP&issuer=Example");
  ASSERT_TRUE(otpauth);
  EXPECT_EQ(print_otpauth(*otpauth).reveal(),
            "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP&issuer=Example&algorithm=SHA1&digits=6&period=30");
}

TEST(OtpauthUri, RefusesOneOfManyKilobytes) {
  EXPECT_FALSE(parse_otpauth("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&image=" + std::string(9000, 'x')));
}

}  // namespace
}  // namespace totpilot::totp
