#pragma once
// One-time codes by liboath, so that nothing here shares a line with the program under test.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/practice/ledger.h"

namespace totpilot::practice {

struct CodeScheme {
  enum class Hash { kSha1, kSha256 };
  Hash hash = Hash::kSha1;
  int digits = 6;
  int period = 30;  // seconds
};

struct WindowRange {
  int back = 1;
  int ahead = 1;
};

/// 20 random bytes as base32 without padding.
std::string new_secret();
/// The window (unix seconds divided by the period) that `time` falls into.
std::int64_t window_at(Time time, const CodeScheme& scheme);
/// The code of `secret` (base32) in that window. Throws std::invalid_argument for what is no base32.
std::string code_for(const std::string& secret, std::int64_t window, const CodeScheme& scheme);
/// The window around `now` whose code this is, the current one first, then the nearest.
std::optional<std::int64_t> window_of(const std::string& code, const std::string& secret, Time now, WindowRange range,
                                      const CodeScheme& scheme);
/// "otpauth://totp/Practice:alice?secret=...&issuer=Practice&algorithm=SHA1&digits=6&period=30"
std::string otpauth_uri(const std::string& secret, std::string_view user, const CodeScheme& scheme);
/// "ABCD EFGH ...", as people read it.
std::string in_groups_of_four(const std::string& secret);
/// Ten-character codes like "k3mf7-9qzt2", ten of them.
std::vector<std::string> new_recovery_codes();
/// 32 hex digits from the system's random source.
std::string new_token();

}  // namespace totpilot::practice
