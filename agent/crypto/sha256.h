#pragma once
// SHA-256 (FIPS 180-4) of what is no secret: playbooks, files, check digits. Any thread.
#include <string>
#include <string_view>

namespace totpilot::crypto {

/// 32 bytes.
std::string sha256(std::string_view bytes);
/// 64 characters, lower case.
std::string sha256_hex(std::string_view bytes);

}  // namespace totpilot::crypto
