#include "agent/crypto/aead.h"

#include <gtest/gtest.h>

#include <set>

#include "agent/base/encoding.h"
#include "agent/base/failure.h"

namespace totpilot::crypto {
namespace {

std::string unhex(std::string_view text) { return hex_decode(text).value(); }

// NIST's and McGrew and Viega's vectors, and (the last five) another implementation's results.
struct Vector {
  const char* name;
  std::string key, nonce, associated, plaintext, ciphertext, tag;
};

std::string counting(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i);
  return bytes;
}

std::vector<Vector> vectors() {
  const std::string zeros32(32, '\0');
  const std::string zeros12(12, '\0');
  const std::string text =
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
      "ba637b391aafd255";
  const std::string cipher =
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
      "bcc9f662898015ad";
  const std::string key = unhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const std::string nonce = unhex("cafebabefacedbaddecaf888");
  return {
      {"case 13", zeros32, zeros12, "", "", "", unhex("530f8afbc74536b9a963b4f1c4cb738b")},
      {"case 14", zeros32, zeros12, "", std::string(16, '\0'), unhex("cea7403d4d606b6e074ec5d3baf39d18"),
       unhex("d0d1c8a799996bf0265b98b5d48ab919")},
      {"case 15", key, nonce, "", unhex(text), unhex(cipher), unhex("b094dac5d93471bdec1a502270e3cc6c")},
      {"case 16", key, nonce, unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"), unhex(text.substr(0, 120)),
       unhex(cipher.substr(0, 120)), unhex("76fc6ece0f4e1768cddf8853bb2d551b")},
      {"nothing at all", counting(32), counting(12), "", "", "", unhex("f4c2db1dc38805a37b92171c5d0a81cc")},
      {"associated only", counting(32), counting(12), "only associated", "", "",
       unhex("22fd20c1f1b1b7e6aba7d4c279f251e9")},
      {"one byte", counting(32), counting(12), "", "x", unhex("3f"), unhex("dd7d5cb8a1854a65a382b05361a49ea9")},
      {"one block", counting(32), counting(12), "a", "sixteen byte msg", unhex("346bae6fa080ac3bef38e3ee91840b0a"),
       unhex("56dd072a5e949a96e8c29a1b7a7eb3ee")},
      {"a part of a block", counting(32), counting(12), "context", "a longer text that ends within a block",
       unhex("2622ba74ab82a769ad35f2f3c5c90c05e2a2a7519e1f2c5c4f0e91ed740720d32172c293ccaa"),
       unhex("3e4eaece879d541e15a029261d8fbace")},
  };
}

TEST(Aead, ComputesThePublishedVectors) {
  for (const Vector& vector : vectors()) {
    const Secret key = Secret::copy_of(vector.key);
    const AeadParts parts = aead_seal_with_nonce(key, vector.nonce, vector.associated, vector.plaintext);
    EXPECT_EQ(hex_encode(parts.ciphertext), hex_encode(vector.ciphertext)) << vector.name;
    EXPECT_EQ(hex_encode(parts.tag), hex_encode(vector.tag)) << vector.name;
    const auto opened = aead_open_parts(key, {vector.nonce, vector.ciphertext, vector.tag}, vector.associated);
    ASSERT_TRUE(opened) << vector.name;
    EXPECT_EQ(opened->reveal(), vector.plaintext) << vector.name;
  }
}

TEST(Aead, RefusesEveryTagThatIsNotSixteenBytesLong) {
  for (const Vector& vector : vectors()) {
    const Secret key = Secret::copy_of(vector.key);
    for (std::size_t size = 0; size < 16; ++size)
      EXPECT_FALSE(
          aead_open_parts(key, {vector.nonce, vector.ciphertext, vector.tag.substr(0, size)}, vector.associated))
          << size;
    EXPECT_FALSE(aead_open_parts(key, {vector.nonce, vector.ciphertext, vector.tag + '\0'}, vector.associated));
  }
}

TEST(Aead, RefusesEveryFlippedBitOfNonceTextAndTag) {
  const Secret key = Secret::copy_of(counting(32));
  const std::string sealed = aead_seal(key, "context", Secret::copy_of("a secret of some length"));
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(aead_open(key, "context", changed)) << bit;
  }
}

TEST(Aead, RefusesATextThatIsCutOrLonger) {
  const Secret key = Secret::copy_of(counting(32));
  const std::string sealed = aead_seal(key, "", Secret::copy_of("a secret"));
  for (std::size_t size = 0; size < sealed.size(); ++size)
    EXPECT_FALSE(aead_open(key, "", sealed.substr(0, size))) << size;
  EXPECT_FALSE(aead_open(key, "", sealed + 'x'));
}

TEST(Aead, RefusesAnotherKeyAndOtherAssociatedData) {
  const Secret key = Secret::copy_of(counting(32));
  const std::string sealed = aead_seal(key, "factor", Secret::copy_of("a secret"));
  EXPECT_FALSE(aead_open(Secret::copy_of(std::string(32, 'k')), "factor", sealed));
  EXPECT_FALSE(aead_open(key, "facto", sealed));
  EXPECT_FALSE(aead_open(key, "", sealed));
  EXPECT_EQ(aead_open(key, "factor", sealed)->reveal(), "a secret");
}

TEST(Aead, RefusesKeysAndNoncesOfOtherLengths) {
  const Secret text = Secret::copy_of("x");
  for (const std::size_t size : {0U, 16U, 24U, 31U, 33U})
    EXPECT_THROW(aead_seal(Secret::zeros(size), "", text), Failure) << size;
  EXPECT_THROW(aead_seal_with_nonce(Secret::zeros(32), std::string(16, 'n'), "", "x"), Failure);
}

TEST(Aead, TakesAFreshNonceEachTime) {
  const Secret key = Secret::copy_of(counting(32));
  std::set<std::string> nonces;
  for (int i = 0; i < 2000; ++i) nonces.insert(aead_seal(key, "", Secret()).substr(0, kNonceBytes));
  EXPECT_EQ(nonces.size(), 2000U);
}

}  // namespace
}  // namespace totpilot::crypto
