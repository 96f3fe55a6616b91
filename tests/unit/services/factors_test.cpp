#include "agent/services/factors.h"

#include "agent/services/escrow.h"
#include "agent/totp/code.h"
#include "tests/unit/qr/drawing.h"
#include "tests/unit/services/home.h"

namespace totpilot::services {
namespace {

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

TEST_F(Factors, ATextThatIsTooShortForAKeyIsRefusedUnlessThePersonInsists) {
  const Failure failure = failure_of(import_factor(house(), request("hunter")));
  EXPECT_EQ(failure.code(), Outcome::kInvalidInput);
  EXPECT_EQ(failure.message(), "the key has 24 bits, and apps make 80 or more");
  EXPECT_NE(failure.hint().find("--odd-key"), std::string::npos);
  EXPECT_EQ(failure_of(import_factor(house(), request("otpauth://totp/x?secret=JBSWY3DP"))).message(),
            "the key has 40 bits, and apps make 80 or more");
  ImportFactor meant = request("hunter");
  meant.odd_key = true;
  EXPECT_EQ(run(import_factor(house(), std::move(meant))).factor.state, "candidate");
}

TEST_F(Factors, AKeyOfEightyBitsIsTaken) { EXPECT_EQ(import("JBSWY3DPEHPK3PXP").factor.state, "candidate"); }

TEST_F(Factors, WordsAreNoKeyThoughEveryLetterCouldBe) {
  const Failure failure = failure_of(import_factor(house(), request("please scan the code with your app")));
  EXPECT_EQ(failure.message(), "this reads like words and not like a key: group 2 has 4 characters, the first has 6");
}

TEST_F(Factors, WhatIsNoKeyIsNamedForWhatItIs) {
  const auto message_for = [&](std::string material) {
    return failure_of(import_factor(house(), request(std::move(material)))).message();
  };
  EXPECT_EQ(message_for(std::string(kKey) + "\n\n" + kUri + "\n"),
            "there are 2 lines of text, and a key or URI is one (line 3 is a URI)");
  EXPECT_EQ(message_for("GIF89a..."), "this is a GIF picture, and only PNG and JPEG pictures are read");
  EXPECT_EQ(message_for(std::string("RIFF\x10\0\0\0WEBPVP8 ", 16)),
            "this is a WebP picture, and only PNG and JPEG pictures are read");
  EXPECT_EQ(message_for("<svg xmlns='http://www.w3.org/2000/svg'/>"),
            "this is a page or an SVG picture, and only PNG and JPEG pictures are read");
  EXPECT_EQ(message_for("{\"db\": []}"), "this is JSON, perhaps another authenticator's export, which is not read");
  EXPECT_EQ(message_for("\xFF\xFE garbage"), "this is neither text nor a PNG or JPEG picture");
  EXPECT_EQ(message_for("the key is JBSWY3DPEHPK3PX1"),
            "character 24 of the key is a one; base32 has none: is it the letter I or L?");
  EXPECT_EQ(message_for(qr::Canvas(200, 200, qr::kWhite).png()), "no QR code in the picture");
}

TEST_F(Factors, ABareKeyIsExportedUnderTheNameOfItsAccountAndUser) {
  import(kKey);
  run(confirm_factor(house(), {"alice-app", ""}));
  const std::string uri(run(export_factor(house(), {"alice-app", ""})).uri.reveal());
  EXPECT_NE(uri.find("otpauth://totp/alice-app:alice?"), std::string::npos);
  EXPECT_NE(uri.find("issuer=alice-app"), std::string::npos);
  const FactorId factor = run(list_factors(house(), "alice-app")).front().id;
  run(remove_account(house(), {"alice-app", true}));
  EXPECT_EQ(run(export_factor(house(), {"alice-app", factor.str()})).uri.reveal(), uri) << "from the escrow copy";
}

TEST_F(Factors, NamesThatTheAppGaveAreExportedAsTheyCame) {
  import("otpauth://totp/someone?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
  run(confirm_factor(house(), {"alice-app", ""}));
  const ExportedFactor exported = run(export_factor(house(), {"alice-app", ""}));
  EXPECT_NE(exported.uri.reveal().find("otpauth://totp/someone?"), std::string::npos);
  EXPECT_EQ(exported.uri.reveal().find("issuer"), std::string::npos);
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

TEST_F(Factors, TheEscrowCopiesAreListedWithWhoseTheyAreAndWithoutKeys) {
  const FactorId factor = import(kKey).factor.id;
  const auto copies = run(list_escrow(house(), ""));
  ASSERT_EQ(copies.size(), 1U);
  EXPECT_EQ(copies.front().factor.id, factor);
  EXPECT_EQ(copies.front().factor.account, "alice-app");
  EXPECT_EQ(copies.front().username, "alice");
  EXPECT_EQ(copies.front().url, "https://app.example");
  EXPECT_EQ(to_json(copies.front()).dump().find(kKey), std::string::npos);
  EXPECT_TRUE(run(list_escrow(house(), "bob-app")).empty());
}

TEST_F(Factors, ACopyIsExportedAlsoWhereAnAccountOfTheNameIsThereAgain) {
  const FactorId factor = import(kUri).factor.id;
  run(remove_account(house(), {"alice-app", true}));
  add();
  const ExportedFactor exported = run(export_factor(house(), {"alice-app", factor.str()}));
  EXPECT_EQ(exported.base32.reveal(), kKey);
  EXPECT_NE(exported.uri.reveal().find("algorithm=SHA256"), std::string_view::npos);
}

TEST_F(Factors, ACopyComesBackIntoAnAccountAsACandidate) {
  const FactorId lost = import(kUri).factor.id;
  run(remove_account(house(), {"alice-app", true}));
  add("again");
  ImportFactor back;
  back.account = "again";
  back.from_escrow = lost.str();
  const ImportedFactor kept = run(import_factor(house(), std::move(back)));
  EXPECT_EQ(kept.factor.state, "candidate");
  EXPECT_EQ(kept.factor.source, "import:escrow");
  EXPECT_EQ(kept.factor.digits, 8);
  run(confirm_factor(house(), {"again", ""}));
  EXPECT_EQ(run(export_factor(house(), {"again", ""})).base32.reveal(), kKey);
}

TEST_F(Factors, ACopyThatThereIsNotIsNotFound) {
  ImportFactor back;
  back.account = "alice-app";
  back.from_escrow = "fac_none";
  EXPECT_EQ(failure_of(import_factor(house(), std::move(back))).code(), Outcome::kNotFound);
}

TEST_F(Factors, CopiesAreListedAndTakenOutWhenTheDatabaseIsLost) {
  const FactorId factor = import(kKey).factor.id;
  open();
  std::filesystem::remove_all(config_.state_directory);
  ASSERT_EQ(run(list_escrow(house(), "")).size(), 1U);
  EXPECT_EQ(run(export_factor(house(), {"alice-app", factor.str()})).base32.reveal(), kKey);
  const Failure missing = failure_of(list_accounts(house(), ""));
  EXPECT_EQ(missing.code(), Outcome::kVaultMissing);
  EXPECT_NE(missing.hint().find("factor list --escrow"), std::string::npos);
}

TEST_F(Factors, CopiesOfALostVaultAreBroughtIntoANewOneWithTheKitOfTheLostOne) {
  const FactorId factor = import(kKey).factor.id;
  std::string kit;
  run(make_kit(house(), [&](const Secret& text) { kit = std::string(text.reveal()); }));
  open();
  std::filesystem::remove_all(config_.state_directory);
  std::filesystem::remove_all(config_.key_directory);
  Wiring wiring;
  wiring.bring_credentials = [&] { return vault::Credentials{{}, Secret::copy_of(kit)}; };
  open(std::move(wiring));
  run(init_vault(house(), {}));
  add("again");
  ImportFactor back;
  back.account = "again";
  back.from_escrow = factor.str();
  EXPECT_FALSE(run(import_factor(house(), std::move(back))).already_there);
}

TEST_F(Factors, ListsHoldNoSecret) {
  import(kKey);
  for (const auto& factor : run(list_factors(house(), "")))
    EXPECT_EQ(to_json(factor).dump().find(kKey), std::string::npos);
}

}  // namespace
}  // namespace totpilot::services
