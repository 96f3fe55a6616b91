#pragma once
// Codes: RFC 4226 (HOTP), RFC 6238 (TOTP) and Steam's variant. Pure: the time is an argument. Any thread.
#include <cstdint>

#include "agent/base/clock.h"
#include "agent/base/secret.h"
#include "agent/totp/parameters.h"
#include "agent/totp/window.h"

namespace totpilot::totp {

/// RFC 4226 section 5.3 for one counter value. `key` is raw bytes. invalid_input for an empty key or parameters that
/// checked() refuses.
Secret code_for_counter(const Secret& key, const Parameters& parameters, std::uint64_t counter);

/// The code that holds throughout `window`.
Secret code_in(const Secret& key, const Parameters& parameters, const Window& window);

/// The code that holds at `time`.
Secret code_at(const Secret& key, const Parameters& parameters, TimePoint time);

}  // namespace totpilot::totp
