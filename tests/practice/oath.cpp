#include "tests/practice/oath.h"

#include <fmt/format.h>
#include <liboath/oath.h>
#include <sys/random.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <stdexcept>

namespace totpilot::practice {
namespace {

constexpr std::size_t kSecretBytes = 20;
constexpr int kRecoveryCodes = 10;
constexpr int kRecoveryHalf = 5;

struct FreeOath {
  void operator()(char* memory) const { std::free(memory); }
};

void require_oath() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (oath_init() != OATH_OK) throw std::runtime_error("liboath does not start");
  });
}

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (getrandom(bytes.data(), count, 0) != static_cast<ssize_t>(count)) throw std::runtime_error("no random bytes");
  return bytes;
}

std::string decode_secret(const std::string& secret) {
  require_oath();
  char* out = nullptr;
  std::size_t length = 0;
  if (oath_base32_decode(secret.data(), secret.size(), &out, &length) != OATH_OK) {
    throw std::invalid_argument("not base32");
  }
  const std::unique_ptr<char, FreeOath> owner(out);
  return std::string(out, length);
}

}  // namespace

std::string new_secret() {
  require_oath();
  const std::string bytes = random_bytes(kSecretBytes);
  char* out = nullptr;
  std::size_t length = 0;
  if (oath_base32_encode(bytes.data(), bytes.size(), &out, &length) != OATH_OK) throw std::bad_alloc();
  const std::unique_ptr<char, FreeOath> owner(out);
  return std::string(out, length);
}

std::int64_t window_at(Time time, const CodeScheme& scheme) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count() / scheme.period;
}

std::string code_for(const std::string& secret, std::int64_t window, const CodeScheme& scheme) {
  const std::string bytes = decode_secret(secret);
  std::array<char, 16> out{};
  const int flags = scheme.hash == CodeScheme::Hash::kSha256 ? OATH_TOTP_HMAC_SHA256 : 0;
  const int result = oath_totp_generate2(bytes.data(), bytes.size(), static_cast<time_t>(window * scheme.period),
                                         static_cast<unsigned>(scheme.period), 0, static_cast<unsigned>(scheme.digits),
                                         flags, out.data());
  if (result != OATH_OK) throw std::invalid_argument("liboath makes no code of this");
  return out.data();
}

std::optional<std::int64_t> window_of(const std::string& code, const std::string& secret, Time now, WindowRange range,
                                      const CodeScheme& scheme) {
  const std::int64_t current = window_at(now, scheme);
  for (int away = 0; away <= std::max(range.back, range.ahead); ++away) {
    if (away <= range.back && code_for(secret, current - away, scheme) == code) return current - away;
    if (away <= range.ahead && code_for(secret, current + away, scheme) == code) return current + away;
  }
  return std::nullopt;
}

std::string otpauth_uri(const std::string& secret, std::string_view user, const CodeScheme& scheme) {
  return fmt::format("otpauth://totp/Practice:{}?secret={}&issuer=Practice&algorithm={}&digits={}&period={}", user,
                     secret, scheme.hash == CodeScheme::Hash::kSha256 ? "SHA256" : "SHA1", scheme.digits,
                     scheme.period);
}

std::string in_groups_of_four(const std::string& secret) {
  std::string text;
  for (std::size_t i = 0; i < secret.size(); ++i) {
    if (i > 0 && i % 4 == 0) text.push_back(' ');
    text.push_back(secret[i]);
  }
  return text;
}

std::vector<std::string> new_recovery_codes() {
  constexpr std::string_view kLetters = "abcdefghjkmnpqrstuvwxyz23456789x";  // 32 of them, none that reads like another
  static_assert(kLetters.size() == 32);
  std::vector<std::string> codes;
  for (int i = 0; i < kRecoveryCodes; ++i) {
    std::string code;
    for (const char byte : random_bytes(2 * kRecoveryHalf)) {
      if (code.size() == kRecoveryHalf) code.push_back('-');
      code.push_back(kLetters[static_cast<unsigned char>(byte) % kLetters.size()]);
    }
    codes.push_back(code);
  }
  return codes;
}

std::string new_token() {
  std::string text;
  for (const char byte : random_bytes(16)) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

}  // namespace totpilot::practice
