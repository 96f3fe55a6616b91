#include "agent/totp/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace totpilot::totp {
namespace {

constexpr std::size_t kFewestKeyBytes = 16;  // RFC 4226 section 4, R6: MUST be at least 128 bits
constexpr std::size_t kMostKeyBytes = 1024;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string_view algorithm_name(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kSha1:
      return "SHA1";
    case Algorithm::kSha256:
      return "SHA256";
    case Algorithm::kSha512:
      return "SHA512";
  }
  return "SHA1";
}

std::optional<Algorithm> algorithm_from_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != '-' && c != '_') plain += lower(c);
  }
  if (plain.starts_with("hmac")) plain.erase(0, 4);
  if (plain == "sha1") return Algorithm::kSha1;
  if (plain == "sha256") return Algorithm::kSha256;
  if (plain == "sha512") return Algorithm::kSha512;
  return std::nullopt;
}

std::string_view encoder_name(Encoder encoder) { return encoder == Encoder::kSteam ? "steam" : "decimal"; }

std::optional<Encoder> encoder_from_name(std::string_view name) {
  if (name == "decimal") return Encoder::kDecimal;
  if (name == "steam") return Encoder::kSteam;
  return std::nullopt;
}

std::expected<Parameters, std::string> checked(Parameters parameters) {
  if (parameters.encoder == Encoder::kSteam) {
    if (parameters.digits != kSteamDigits) {
      return std::unexpected(fmt::format("a Steam code has {} characters, not {}", kSteamDigits, parameters.digits));
    }
  } else if (parameters.digits < kFewestDigits || parameters.digits > kMostDigits) {
    return std::unexpected(fmt::format("codes of {} digits are not supported ({} to {} are)", parameters.digits,
                                       kFewestDigits, kMostDigits));
  }
  if (parameters.period.count() < 1 || parameters.period.count() > kLongestPeriod) {
    return std::unexpected(
        fmt::format("a period of {} s is not supported (1 to {} are)", parameters.period.count(), kLongestPeriod));
  }
  return parameters;
}

std::vector<std::string> key_warnings(const Secret& key) {
  std::vector<std::string> warnings;
  if (key.size() < kFewestKeyBytes) {
    warnings.push_back(fmt::format("the key has {} bits; RFC 4226 asks for 128 or more", key.size() * 8));
  }
  if (key.size() > kMostKeyBytes)
    warnings.push_back(fmt::format("the key has {} bytes, far more than any app uses", key.size()));
  const auto bytes = key.reveal_bytes();
  if (!bytes.empty() && std::ranges::all_of(bytes, [&](unsigned char byte) { return byte == bytes.front(); })) {
    warnings.emplace_back("the key is one byte repeated; it cannot be secret");
  }
  return warnings;
}

}  // namespace totpilot::totp
