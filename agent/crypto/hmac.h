#pragma once
// HMAC (RFC 2104) with the hashes that one-time codes and fingerprints use. Any thread.
#include <cstddef>
#include <span>

#include "agent/base/secret.h"

namespace totpilot::crypto {

enum class HashKind { kSha1, kSha256, kSha512 };

/// Bytes of the hash's output: 20, 32, 64.
std::size_t hash_size(HashKind hash);

/// The authentication code of `message` under `key` (any length, also empty). internal when OpenSSL refuses.
Secret hmac(HashKind hash, std::span<const unsigned char> key, std::span<const unsigned char> message);

}  // namespace totpilot::crypto
