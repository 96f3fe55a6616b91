#include "agent/vault/kit.h"

#include <fmt/format.h>

#include <cctype>
#include <cstdint>
#include <span>
#include <string>

#include "agent/base/failure.h"
#include "agent/crypto/aead.h"
#include "agent/crypto/hmac.h"

namespace totpilot::vault {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kLines = 4;
constexpr std::size_t kLineBytes = crypto::kKeyBytes / kLines;
constexpr std::size_t kLineDigits = 15;  // 75 bits: 64 of the key, 11 of check

int value_of(char c) {
  const char upper = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (upper == 'O') return 0;
  if (upper == 'I' || upper == 'L') return 1;
  const std::size_t at = kAlphabet.find(upper);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

/// Eleven bits over the line and its number: a mistyped line is found, and two lines that changed places.
std::uint32_t check_of(std::string_view bytes, std::size_t line) {
  // HMAC only because its result stays in wiped memory.
  const Secret label = Secret::copy_of(fmt::format("totpilot kit 1, line {}", line + 1));
  const Secret mac = crypto::hmac(crypto::Hash::kSha256, label, bytes);
  return (static_cast<std::uint32_t>(mac.reveal_bytes()[0]) << 8U | mac.reveal_bytes()[1]) & 0x7FFU;
}

struct LineBits {
  std::uint64_t data = 0;
  std::uint32_t check = 0;

  // Bit 74 first: the data, then the check.
  std::uint32_t digit(std::size_t index) const {
    std::uint32_t out = 0;
    for (std::size_t k = 0; k < 5; ++k) {
      const std::size_t bit = index * 5 + k;
      const std::uint64_t value = bit < 64 ? data >> (63 - bit) : std::uint64_t{check} >> (74 - bit);
      out = out << 1U | static_cast<std::uint32_t>(value & 1U);
    }
    return out;
  }
  void push(int digit) {
    for (int k = 4; k >= 0; --k) {
      check = check << 1U | (static_cast<std::uint32_t>(digit) >> static_cast<unsigned>(k) & 1U);
      data = data << 1U | (check >> 11U & 1U);
      check &= 0x7FFU;
    }
  }
};

/// The digits of one typed line, without a leading line number; empty when it is no line of a kit. All four may stand
/// in one line.
Secret digits_of(std::string_view line) {
  std::string digits;
  digits.reserve(line.size());
  for (const char c : line) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == ':') continue;
    if (value_of(c) < 0) {
      wipe(digits);
      return {};
    }
    digits += c;
  }
  if (digits.size() == kLineDigits + 1 && digits[0] >= '1' && digits[0] <= '4') digits.erase(0, 1);
  if (digits.size() != kLineDigits && digits.size() != kLineDigits * kLines) wipe(digits);
  return Secret(std::move(digits));
}

void read_line(std::string_view digits, std::size_t line, std::span<unsigned char> into) {
  LineBits bits;
  for (const char c : digits) bits.push(value_of(c));
  for (std::size_t i = 0; i < kLineBytes; ++i) into[i] = static_cast<unsigned char>(bits.data >> (56 - 8 * i) & 255U);
  if (check_of({reinterpret_cast<const char*>(into.data()), into.size()}, line) != bits.check)
    throw Failure(Outcome::kInvalidInput, fmt::format("line {} of the kit is mistyped", line + 1),
                  "compare it with the printed page; the lines must be in their order");
}

}  // namespace

Secret print_kit(const Secret& key, std::string_view workspace, TimePoint made) {
  std::string page;
  page.reserve(2048);  // no copy is left behind by growing
  page += fmt::format("totpilot recovery kit\n\nvault  {}\nmade   {}\n\n", workspace, to_iso(made));
  page += "Whoever has this page and the database can read every secret. Keep it where the machine is not.\n";
  page += "It opens the vault, and its backups, when the key file or the passphrase is lost.\n\n";
  for (std::size_t line = 0; line < kLines; ++line) {
    const std::string_view bytes = key.reveal().substr(line * kLineBytes, kLineBytes);
    LineBits bits;
    for (const char c : bytes) bits.data = bits.data << 8U | static_cast<unsigned char>(c);
    bits.check = check_of(bytes, line);
    page += fmt::format("  {}  ", line + 1);
    for (std::size_t i = 0; i < kLineDigits; ++i) {
      if (i == 5 || i == 10) page += '-';
      page += kAlphabet[bits.digit(i)];
    }
    page += '\n';
  }
  return Secret(std::move(page));
}

Secret read_kit(const Secret& text) {
  Secret key = Secret::zeros(crypto::kKeyBytes);
  std::string_view rest = text.reveal();
  std::size_t line = 0;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const Secret digits = digits_of(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    for (std::size_t at = 0; at < digits.size(); at += kLineDigits, ++line)
      if (line < kLines)
        read_line(digits.reveal().substr(at, kLineDigits), line, key.writable().subspan(line * kLineBytes, kLineBytes));
  }
  if (line != kLines)
    throw Failure(Outcome::kInvalidInput,
                  fmt::format("a kit has {} lines of 15 characters; this text has {}", kLines, line),
                  "type the four lines below each other, with or without their numbers");
  return key;
}

}  // namespace totpilot::vault
