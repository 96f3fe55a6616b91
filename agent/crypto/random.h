#pragma once
// Random bytes from OpenSSL's generators, which the kernel seeds and which reseed after a fork. Any thread.
#include <cstddef>
#include <string>

#include "agent/base/secret.h"

namespace totpilot::crypto {

/// For keys: from the private generator. Throws Failure(internal) when the system has no randomness.
Secret random_secret(std::size_t size);
/// For nonces, salts and ids.
std::string random_bytes(std::size_t size);

}  // namespace totpilot::crypto
