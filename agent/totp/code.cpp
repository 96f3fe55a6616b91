#include "agent/totp/code.h"

#include <string>

#include "agent/base/failure.h"
#include "agent/crypto/hmac.h"

namespace totpilot::totp {
namespace {

constexpr std::string_view kSteamAlphabet = "23456789BCDFGHJKMNPQRTVWXY";

crypto::Hash hash_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kSha1:
      return crypto::Hash::kSha1;
    case Algorithm::kSha256:
      return crypto::Hash::kSha256;
    case Algorithm::kSha512:
      return crypto::Hash::kSha512;
  }
  return crypto::Hash::kSha1;
}

/// RFC 4226 section 5.3, step 2: four bytes from where the last nibble points, without the sign bit.
std::uint32_t truncated(const Secret& code) {
  const auto bytes = code.reveal_bytes();
  const std::size_t offset = bytes.back() & 0x0FU;
  return (static_cast<std::uint32_t>(bytes[offset] & 0x7FU) << 24U) |
         (static_cast<std::uint32_t>(bytes[offset + 1]) << 16U) |
         (static_cast<std::uint32_t>(bytes[offset + 2]) << 8U) | static_cast<std::uint32_t>(bytes[offset + 3]);
}

}  // namespace

Secret code_for_counter(const Secret& key, const Parameters& parameters, std::uint64_t counter) {
  if (const auto valid = checked(parameters); !valid) throw Failure(Outcome::kInvalidInput, valid.error());
  if (key.empty()) throw Failure(Outcome::kInvalidInput, "a code cannot be made with an empty key");

  std::string message(8, '\0');  // the counter, most significant byte first
  for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<char>(counter >> (56 - 8 * i) & 0xFFU);
  std::uint32_t number = truncated(crypto::hmac(hash_of(parameters.algorithm), key, message));

  Secret code = Secret::zeros(static_cast<std::size_t>(parameters.digits));
  const auto out = code.writable();
  if (parameters.encoder == Encoder::kSteam) {
    for (unsigned char& place : out) {
      place = static_cast<unsigned char>(kSteamAlphabet[number % kSteamAlphabet.size()]);
      number /= kSteamAlphabet.size();
    }
  } else {
    for (auto place = out.rbegin(); place != out.rend(); ++place, number /= 10) {
      *place = static_cast<unsigned char>('0' + number % 10);
    }
  }
  return code;
}

Secret code_in(const Secret& key, const Parameters& parameters, const Window& window) {
  if (window.period != parameters.period)
    throw Failure(Outcome::kInternal, "the window is of another period than the factor");
  return code_for_counter(key, parameters, window.counter());
}

Secret code_at(const Secret& key, const Parameters& parameters, TimePoint time) {
  return code_in(key, parameters, window_at(parameters.period, time));
}

}  // namespace totpilot::totp
