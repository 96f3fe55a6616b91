#pragma once
// HMAC (RFC 2104) with the three hashes that RFC 6238 allows. Pure, blocking, any thread.
#include <string_view>

#include "agent/base/secret.h"

namespace totpilot::crypto {

enum class Hash { kSha1, kSha256, kSha512 };

/// The whole MAC (20, 32 or 64 bytes). A key of any length, also empty. Throws Failure(internal) where OpenSSL refuses.
Secret hmac(Hash hash, const Secret& key, std::string_view message);

}  // namespace totpilot::crypto
