#pragma once
// AES-256-GCM (NIST SP 800-38D): 256-bit keys, 96-bit nonces, tags of exactly 128 bits. Any thread.
// The plaintext is released only after its tag was found right; OpenSSL itself hands it out before.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "agent/base/secret.h"

namespace totpilot::crypto {

inline constexpr std::size_t kKeyBytes = 32;
inline constexpr std::size_t kNonceBytes = 12;
inline constexpr std::size_t kTagBytes = 16;
/// What a sealed text is longer than its plaintext.
inline constexpr std::size_t kSealOverhead = kNonceBytes + kTagBytes;

/// A fresh random nonce, then the ciphertext, then the tag. `associated` is bound, not hidden. Throws Failure(internal)
/// for a key of another length.
std::string aead_seal(const Secret& key, std::string_view associated, const Secret& plaintext);

/// The plaintext of what aead_seal() gave; nothing when the key, the associated data or a single bit is another.
std::optional<Secret> aead_open(const Secret& key, std::string_view associated, std::string_view sealed);

/// A ciphertext with its parts apart, for streams that count their nonces and for test vectors.
struct AeadParts {
  std::string nonce;
  std::string ciphertext;
  std::string tag;
};

/// Never twice with the same key and nonce: that is the caller's to keep.
AeadParts aead_seal_with_nonce(const Secret& key, std::string_view nonce, std::string_view associated,
                               std::string_view plaintext);
/// Nothing unless nonce and tag have their exact lengths and the tag is right.
std::optional<Secret> aead_open_parts(const Secret& key, const AeadParts& parts, std::string_view associated);

}  // namespace totpilot::crypto
