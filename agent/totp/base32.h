#pragma once
// Base32 (RFC 4648 section 6) as people and pages write keys: in groups, in any case, with or without padding. Pure. No
// error text holds any part of the key.
#include <expected>
#include <string>
#include <string_view>

#include "agent/base/secret.h"

namespace totpilot::totp {

/// The raw key. Skips white space (also no-break and zero-width), dashes of all kinds and padding at the end; takes any
/// number of letters, also lengths that RFC 4648 does not know (apps draw keys of 26 or 42 random letters), and drops
/// the bits that make no whole byte, as the authenticator apps do. Refuses 0, 1, 8 and 9 with a hint at the letter that
/// was meant.
std::expected<Secret, std::string> base32_decode(std::string_view text);

/// Upper case, without padding.
Secret base32_encode(const Secret& bytes);

}  // namespace totpilot::totp
