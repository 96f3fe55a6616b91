#pragma once
// Keys that the program hands out once and knows again by their hash: tokens, sessions, invite links. 256 random bits
// each, so a plain hash of them is enough.
#include <string>
#include <string_view>

#include "agent/base/secret.h"

namespace totpilot::services {

inline constexpr std::string_view kTokenPrefix = "tpt_";
inline constexpr std::string_view kSessionPrefix = "tps_";
inline constexpr std::string_view kInvitePrefix = "tpi_";

/// The prefix and 64 hex characters.
Secret make_key(std::string_view prefix);
/// What is stored of it.
std::string hash_of_key(const Secret& key);

}  // namespace totpilot::services
