#include "agent/totp/base32.h"

#include <random>

#include "agent/base/encoding.h"
#include "tests/unit/totp/support.h"

namespace totpilot::totp {
namespace {

TEST(Base32, ReadsKeysAsPagesAndPeopleWriteThem) {
  const auto file = vectors("base32");
  for (const auto& entry : file["decodes"]) {
    const auto key = base32_decode(entry["text"].get<std::string>());
    ASSERT_TRUE(key) << entry["what"] << ": " << key.error();
    EXPECT_EQ(hex_encode(key->reveal()), entry["hex"].get<std::string>()) << entry["what"];
  }
}

TEST(Base32, RefusesWhatIsNoKeyAndSaysWhy) {
  const auto file = vectors("base32");
  for (const auto& entry : file["refuses"]) {
    const auto key = base32_decode(entry["text"].get<std::string>());
    ASSERT_FALSE(key) << entry["text"];
    EXPECT_TRUE(key.error().contains(entry["says"].get<std::string>())) << key.error();
  }
}

TEST(Base32, RefusesATextOfManyKilobytes) { EXPECT_FALSE(base32_decode(std::string(9000, 'A'))); }

TEST(Base32, GivesBackAnyBytesThatItWrote) {
  std::mt19937 random(1);
  for (std::size_t size = 1; size <= 130; ++size) {
    Secret bytes = Secret::zeros(size);
    for (unsigned char& byte : bytes.writable()) byte = static_cast<unsigned char>(random());
    const Secret text = base32_encode(bytes);
    const auto back = base32_decode(text.reveal());
    ASSERT_TRUE(back) << size;
    EXPECT_TRUE(back->same_as(bytes)) << size;
  }
}

TEST(Base32, WritesUpperCaseWithoutPadding) {
  EXPECT_EQ(base32_encode(Secret::copy_of("foobar")).reveal(), "MZXW6YTBOI");
  EXPECT_EQ(base32_encode(Secret()).reveal(), "");
}

}  // namespace
}  // namespace totpilot::totp
