#include "agent/services/factors.h"

#include "agent/totp/code.h"
#include "tests/unit/qr/drawing.h"
#include "tests/unit/services/home.h"

namespace totpilot::services {
namespace {

constexpr const char* kKey = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
constexpr const char* kUri =
    "otpauth://totp/"
    "Example:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example&algorithm=SHA256&digits=8&period=60";

class Factors : public Home {
 protected:
  Factors() { add(); }

  ImportFactor request(std::string material) {
    ImportFactor import;
    import.account = "alice-app";
    import.material = Secret(std::move(material));
    return import;
  }
  ImportedFactor import(std::string material) { return run(import_factor(house(), request(std::move(material)))); }
};

TEST_F(Factors, AKeyInGroupsIsKeptAsACandidateWithTheUsualParameters) {
  const ImportedFactor kept = import("jbsw y3dp ehpk 3pxp jbsw y3dp ehpk 3pxp\n");
  EXPECT_EQ(kept.factor.state, "candidate");
  EXPECT_EQ(kept.factor.algorithm, "SHA1");
  EXPECT_EQ(kept.factor.digits, 6);
  EXPECT_EQ(kept.factor.source, "import:base32");
  EXPECT_EQ(kept.code.size(), 6U);
}

TEST_F(Factors, AUriBringsItsParameters) {
  const ImportedFactor kept = import(kUri);
  EXPECT_EQ(kept.factor.algorithm, "SHA256");
  EXPECT_EQ(kept.factor.digits, 8);
  EXPECT_EQ(kept.factor.period, 60);
  EXPECT_EQ(kept.factor.issuer, "Example");
  EXPECT_EQ(kept.code.size(), 8U);
}

TEST_F(Factors, APictureIsReadByTheDecoder) {
  const ImportedFactor kept = import(qr::draw({.text = kUri}).png());
  EXPECT_EQ(kept.factor.source, "import:picture");
  EXPECT_EQ(kept.factor.period, 60);
}

TEST_F(Factors, APictureWithoutACodeIsRefused) {
  const Failure failure = failure_of(import_factor(house(), request(qr::Canvas(200, 200, qr::kWhite).png())));
  EXPECT_EQ(failure.code(), Outcome::kInvalidInput);
}

TEST_F(Factors, AQrCodeOfSomethingElseIsRefusedAndNotQuoted) {
  const Failure failure =
      failure_of(import_factor(house(), request(qr::draw({.text = "https://example.org/token/hunter2"}).png())));
  EXPECT_EQ(failure.code(), Outcome::kInvalidInput);
  EXPECT_EQ(failure.message().find("hunter2"), std::string::npos);
}

TEST_F(Factors, WhatIsNoKeyIsRefusedWithoutBeingQuoted) {
  for (const std::string material : {"", "   \n", "JBSWY3DP1", "otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=1",
                                     "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&algorithm=MD5", "\xFF\xFE\x00garbage"}) {
    const Failure failure = failure_of(import_factor(house(), request(material)));
    EXPECT_EQ(failure.code(), Outcome::kInvalidInput) << material;
    EXPECT_EQ(failure.message().find("JBSWY3DP"), std::string::npos) << failure.message();
  }
}

TEST_F(Factors, ParametersBesideAUriAreRefused) {
  ImportFactor both = request(kUri);
  both.digits = 6;
  EXPECT_EQ(failure_of(import_factor(house(), std::move(both))).code(), Outcome::kInvalidInput);
}

TEST_F(Factors, TheSameKeyAgainIsTheSameFactor) {
  const FactorId first = import(kKey).factor.id;
  const ImportedFactor again = import(kKey);
  EXPECT_TRUE(again.already_there);
  EXPECT_EQ(again.factor.id, first);
}

TEST_F(Factors, AConfirmedOneIsExportedAsItCame) {
  import(kUri);
  run(confirm_factor(house(), {"alice-app", ""}));
  const ExportedFactor exported = run(export_factor(house(), {"alice-app", ""}));
  EXPECT_EQ(exported.base32.reveal(), kKey);
  EXPECT_NE(exported.uri.reveal().find("algorithm=SHA256"), std::string_view::npos);
}

TEST_F(Factors, ADiscardedOneIsNoCandidateAnyMore) {
  const FactorId factor = import(kKey).factor.id;
  EXPECT_EQ(run(discard_factor(house(), {"alice-app", factor.str()})).state, "discarded");
  EXPECT_EQ(failure_of(confirm_factor(house(), {"alice-app", ""})).code(), Outcome::kNotFound);
}

TEST_F(Factors, AFactorOfAnotherAccountIsNotThisOnes) {
  const FactorId factor = import(kKey).factor.id;
  add("bob-app");
  EXPECT_EQ(failure_of(confirm_factor(house(), {"bob-app", factor.str()})).code(), Outcome::kNotFound);
}

TEST_F(Factors, ListsHoldNoSecret) {
  import(kKey);
  for (const auto& factor : run(list_factors(house(), "")))
    EXPECT_EQ(to_json(factor).dump().find(kKey), std::string::npos);
}

}  // namespace
}  // namespace totpilot::services
