#pragma once
// The recovery kit: a 256-bit key as four lines that a person can print and type, each with its own check digits.
// Private to the room.
//   1  7Q2MV-0KXRT-A93HE
// Crockford's alphabet: no I, L, O, U; case, spaces and dashes do not matter; O reads as 0, I and L as 1.
#include <string_view>

#include "agent/base/clock.h"
#include "agent/base/secret.h"

namespace totpilot::vault {

/// The page to print, for a 32-byte key.
Secret print_kit(const Secret& key, std::string_view workspace, TimePoint made);
/// The key from the whole page, or from the four lines with or without their numbers. Throws invalid_input naming the
/// line that is wrong.
Secret read_kit(const Secret& text);

}  // namespace totpilot::vault
