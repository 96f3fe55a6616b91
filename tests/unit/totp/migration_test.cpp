#include "agent/totp/migration.h"

#include "agent/base/encoding.h"
#include "agent/totp/base32.h"
#include "tests/unit/totp/support.h"

namespace totpilot::totp {
namespace {

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7U) bytes += static_cast<char>((value & 0x7FU) | 0x80U);
  return bytes + static_cast<char>(value);
}
std::string number(int field, std::uint64_t value) {
  return varint(static_cast<std::uint64_t>(field) << 3U) + varint(value);
}
std::string bytes(int field, const std::string& content) {
  return varint(static_cast<std::uint64_t>(field) << 3U | 2U) + varint(content.size()) + content;
}
std::string uri(const std::string& payload) {
  return "otpauth-migration://offline?data=" + url_encode(base64_encode(payload));
}

const std::string kKey = "Hello!\xDE\xAD\xBE\xEF";

TEST(Migration, ReadsTheExampleThatImportersPublish) {
  // One entry, "Example:alice@google.com", as exported by Google Authenticator.
  const auto migration = parse_migration(
      "otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTAC");
  ASSERT_TRUE(migration) << migration.error();
  ASSERT_EQ(migration->entries.size(), 1U);
  const OtpAuth& entry = migration->entries.front();
  EXPECT_EQ(base32_encode(entry.key).reveal(), "JBSWY3DPEHPK3PXP");
  EXPECT_EQ(entry.issuer, "Example");
  EXPECT_EQ(entry.account, "alice@google.com");
  EXPECT_EQ(entry.parameters, Parameters{});
}

TEST(Migration, KeepsAlgorithmAndDigitsAndThePlaceInTheBatch) {
  const auto migration =
      parse_migration(uri(bytes(1, bytes(1, kKey) + bytes(2, "bob") + number(4, 3) + number(5, 2) + number(6, 2)) +
                          number(2, 1) + number(3, 2) + number(4, 1) + number(5, 12345)));
  ASSERT_TRUE(migration) << migration.error();
  ASSERT_EQ(migration->entries.size(), 1U);
  EXPECT_EQ(migration->entries.front().parameters, (Parameters{.algorithm = Algorithm::kSha512, .digits = 8}));
  EXPECT_EQ(migration->batch_size, 2);
  EXPECT_EQ(migration->batch_index, 1);
}

TEST(Migration, ListsEntriesThatItCannotMakeCodesFor) {
  const auto migration =
      parse_migration(uri(bytes(1, bytes(1, kKey) + bytes(2, "counter") + number(6, 1)) +
                          bytes(1, bytes(1, kKey) + bytes(3, "Old") + number(4, 4) + number(6, 2)) +
                          bytes(1, bytes(1, kKey) + bytes(2, "good") + number(4, 1) + number(5, 1) + number(6, 2))));
  ASSERT_TRUE(migration) << migration.error();
  EXPECT_EQ(migration->refused, (std::vector<std::string>{"entry 1 (counter): it is counter-based (HOTP)",
                                                          "entry 2 (Old): its algorithm is not supported"}));
  ASSERT_EQ(migration->entries.size(), 1U);
  EXPECT_EQ(migration->entries.front().account, "good");
}

TEST(Migration, RefusesAPayloadCutAnywhere) {
  const std::string whole = bytes(1, bytes(1, kKey) + bytes(2, "bob") + number(4, 1) + number(5, 1) + number(6, 2));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_migration(uri(whole.substr(0, size)))) << size;
  }
}

TEST(Migration, RefusesWhatIsNoMigration) {
  EXPECT_FALSE(parse_migration("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP"));
  EXPECT_FALSE(parse_migration("otpauth-migration://offline?data=%%%"));
  EXPECT_FALSE(parse_migration("otpauth-migration://offline?data=!!!!"));
  EXPECT_FALSE(parse_migration("otpauth-migration://offline?"));
  EXPECT_FALSE(parse_migration(uri(std::string(16, '\xFF'))));
  EXPECT_FALSE(parse_migration(uri(bytes(1, varint(1U << 3U | 2U) + varint(1ULL << 62U)))));
}

}  // namespace
}  // namespace totpilot::totp
