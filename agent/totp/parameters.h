#pragma once
// Parameters: how codes are made of a key (RFC 4226 and 6238, and Steam's own alphabet). Plain values; nothing here
// waits or fails late.
#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/secret.h"

namespace totpilot::totp {

enum class Algorithm { kSha1, kSha256, kSha512 };
/// kSteam: five characters of Steam's alphabet instead of decimal digits.
enum class Encoder { kDecimal, kSteam };

inline constexpr int kFewestDigits = 6;
inline constexpr int kMostDigits = 8;
inline constexpr int kSteamDigits = 5;
inline constexpr int kLongestPeriod = 86'400;

struct Parameters {
  Algorithm algorithm = Algorithm::kSha1;
  int digits = 6;                   // 6 to 8; 5 with kSteam
  std::chrono::seconds period{30};  // 1 to 86400
  Encoder encoder = Encoder::kDecimal;
  bool operator==(const Parameters&) const = default;
};

std::string_view algorithm_name(Algorithm algorithm);  // "SHA1", "SHA256", "SHA512"
/// Also as people and libraries write them: "sha-256", "HmacSHA512". Nothing for one that we do not know.
std::optional<Algorithm> algorithm_from_name(std::string_view name);
std::string_view encoder_name(Encoder encoder);  // "decimal", "steam"
std::optional<Encoder> encoder_from_name(std::string_view name);

/// The same parameters if codes can be made with them; else what is wrong. Nothing is clamped.
std::expected<Parameters, std::string> checked(Parameters parameters);

/// What a careful person would want to hear about a key, in whole phrases without the key; empty when all is well. RFC
/// 4226 section 4 (R6): at least 128 bits, better 160.
std::vector<std::string> key_warnings(const Secret& key);

}  // namespace totpilot::totp
