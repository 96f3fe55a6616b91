#pragma once
// Keys from passphrases (Argon2id, RFC 9106) and keys from keys (HKDF-SHA-256, RFC 5869). Blocking: a derivation with
// the production parameters takes about 0.2 s and 64 MiB. Any thread.
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/base/secret.h"

namespace totpilot::crypto {

/// Stored beside what was derived with them, so that they can be raised later.
struct Argon2Parameters {
  int version = 1;  // of this struct: 1 is Argon2id 1.3 with 32 bytes out
  std::uint32_t memory_kib = 64U * 1024U;
  std::uint32_t passes = 3;
  std::uint32_t lanes = 1;
  bool operator==(const Argon2Parameters&) const = default;
};

inline constexpr std::size_t kSaltBytes = 16;

/// 32 bytes. Throws invalid_input for parameters that are unknown, or outside 8 KiB to 4 GiB, 1 to 64 passes, 1 to 16
/// lanes, and for a salt shorter than 16 bytes (a stored row may be hostile).
Secret derive_from_passphrase(const Secret& passphrase, std::string_view salt, const Argon2Parameters& parameters);

/// A 32-byte key for one purpose, named by `label`, from a key of high entropy.
Secret derive_subkey(const Secret& key, std::string_view label);

}  // namespace totpilot::crypto
