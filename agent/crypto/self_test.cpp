#include "agent/crypto/self_test.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/base/encoding.h"
#include "agent/base/failure.h"
#include "agent/crypto/aead.h"
#include "agent/crypto/hmac.h"
#include "agent/crypto/kdf.h"
#include "agent/crypto/sha256.h"

namespace totpilot::crypto {
namespace {

std::string unhex(std::string_view text) { return hex_decode(text).value(); }

void require(bool right, std::string_view what) {
  if (!right)
    throw Failure(Outcome::kInternal, fmt::format("{} computes a wrong result on this machine", what),
                  "do not use totpilot here: the cryptographic library or the processor is broken");
}

void test_aead() {
  // Test case 16 of McGrew and Viega's "The Galois/Counter Mode of Operation", which NIST's validation suite took over.
  const Secret key = Secret::copy_of(unhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"));
  const std::string associated = unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const std::string plaintext = unhex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
      "ba637b39");
  AeadParts parts = aead_seal_with_nonce(key, unhex("cafebabefacedbaddecaf888"), associated, plaintext);
  require(hex_encode(parts.tag) == "76fc6ece0f4e1768cddf8853bb2d551b", "AES-256-GCM");
  require(parts.ciphertext.starts_with(unhex("522dc1f099567d07f47f37a32a84427d")), "AES-256-GCM");
  const auto opened = aead_open_parts(key, parts, associated);
  require(opened && opened->reveal() == plaintext, "AES-256-GCM");
  parts.tag[0] = static_cast<char>(parts.tag[0] ^ 1);
  require(!aead_open_parts(key, parts, associated), "the check of AES-256-GCM's tag");
}

void test_hmac() {
  // RFC 4231 test case 2, and RFC 2202 test case 2.
  const Secret key = Secret::copy_of("Jefe");
  constexpr std::string_view kMessage = "what do ya want for nothing?";
  require(hex_encode(hmac(Hash::kSha1, key, kMessage).reveal()) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
          "HMAC-SHA-1");
  require(hex_encode(hmac(Hash::kSha256, key, kMessage).reveal()) ==
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
          "HMAC-SHA-256");
  require(hex_encode(hmac(Hash::kSha512, key, kMessage).reveal())
              .starts_with("164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"),
          "HMAC-SHA-512");
}

void test_totp() {
  // RFC 6238 appendix B: SHA-1 at 59 seconds, "94287082".
  const Secret mac = hmac(Hash::kSha1, Secret::copy_of("12345678901234567890"), unhex("0000000000000001"));
  const auto at = static_cast<std::size_t>(mac.reveal_bytes()[19] & 15U);
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | mac.reveal_bytes()[at + i];
  require((value & 0x7FFFFFFFU) % 100000000U == 94287082U, "RFC 6238");
}

void test_derivation() {
  // Made with another implementation (OpenSSL 3.5's, through python-cryptography) for a salt as long as ours are.
  const Argon2Parameters tiny{1, 64, 1, 1};
  const Secret key = derive_from_passphrase(Secret::copy_of("password"), "somesaltsomesalt", tiny);
  require(hex_encode(key.reveal()) == "e793d64ef75d58f503d4631b2b149f7f80127c5f3993d89b1c9b781e51d0b413", "Argon2id");
  // RFC 5869 test case 3 (no salt, no info), its first 32 bytes.
  const Secret subkey = derive_subkey(Secret::copy_of(std::string(22, '\x0b')), "");
  require(hex_encode(subkey.reveal()) == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d",
          "HKDF-SHA-256");
}

}  // namespace

void self_test() {
  require(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "SHA-256");
  test_aead();
  test_hmac();
  test_totp();
  test_derivation();
}

}  // namespace totpilot::crypto
