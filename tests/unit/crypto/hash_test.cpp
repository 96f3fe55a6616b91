#include <gtest/gtest.h>

#include "agent/base/encoding.h"
#include "agent/base/failure.h"
#include "agent/crypto/hmac.h"
#include "agent/crypto/kdf.h"
#include "agent/crypto/random.h"
#include "agent/crypto/self_test.h"
#include "agent/crypto/sha256.h"

namespace totpilot::crypto {
namespace {

std::string hmac_hex(Hash hash, std::string_view key, std::string_view message) {
  return hex_encode(hmac(hash, Secret::copy_of(key), message).reveal());
}

TEST(SelfTest, FindsTheLibrariesRight) { EXPECT_NO_THROW(self_test()); }

TEST(Sha256, GivesTheResultsOfFips180) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Hmac, GivesTheResultsOfRfc4231AndRfc2202) {
  const std::string key(20, '\x0b');
  EXPECT_EQ(hmac_hex(Hash::kSha1, key, "Hi There"), "b617318655057264e28bc0b6fb378c8ef146be00");
  EXPECT_EQ(hmac_hex(Hash::kSha256, key, "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac_hex(Hash::kSha512, key, "Hi There"),
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb"
            "61f1702e696c203a126854");
}

TEST(Hmac, TakesAKeyLongerThanABlockAndAnEmptyOne) {
  EXPECT_EQ(hmac_hex(Hash::kSha256, std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(hmac_hex(Hash::kSha256, "", ""), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Kdf, DerivesWithTheProductionParameters) {
  // The result is another implementation's (OpenSSL 3.5) for the same 64 MiB, three passes, one lane.
  const Secret key = derive_from_passphrase(Secret::copy_of("correct horse"), "0123456789abcdef", Argon2Parameters{});
  EXPECT_EQ(hex_encode(key.reveal()), "92599c67f23f1d9dce9b6f0cfb5a9b18ce110336de00799947472465edd9e49a");
}

TEST(Kdf, RefusesParametersThatNoTotpilotWrites) {
  const Secret passphrase = Secret::copy_of("p");
  const std::string salt(16, 's');
  for (const Argon2Parameters& bad :
       {Argon2Parameters{2, 64, 1, 1}, Argon2Parameters{1, 4, 1, 1}, Argon2Parameters{1, 64, 0, 1},
        Argon2Parameters{1, 64, 1, 0}, Argon2Parameters{1, 0xFFFFFFFF, 1, 1}, Argon2Parameters{1, 64, 1000, 1},
        Argon2Parameters{1, 64, 1, 16}})
    EXPECT_THROW(derive_from_passphrase(passphrase, salt, bad), Failure);
  EXPECT_THROW(derive_from_passphrase(passphrase, "short", Argon2Parameters{1, 64, 1, 1}), Failure);
}

TEST(Kdf, GivesEachPurposeAKeyOfItsOwn) {
  const Secret key = random_secret(32);
  EXPECT_FALSE(derive_subkey(key, "fingerprint").same_as(derive_subkey(key, "backup")));
  EXPECT_TRUE(derive_subkey(key, "backup").same_as(derive_subkey(key, "backup")));
}

TEST(Random, NeverGivesTheSameTwice) { EXPECT_FALSE(random_secret(32).same_as(random_secret(32))); }

}  // namespace
}  // namespace totpilot::crypto
