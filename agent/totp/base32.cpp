#include "agent/totp/base32.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace totpilot::totp {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kLongestText = 8uz * 1024;

/// What people's editors and web pages put between groups, as UTF-8; each is skipped.
constexpr std::array<std::string_view, 28> kSeparators = {
    " ",      "\t",     "\r",     "\n",     "\v",     "\f",     "-",
    "\u00A0",                                                                                  // no-break space
    "\u00AD",                                                                                  // soft hyphen
    "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200A",  // spaces of other widths
    "\u200B", "\u200C", "\u200D", "\u2060", "\uFEFF",                                          // zero width
    "\u2010", "\u2011", "\u2012", "\u2013", "\u2014",                                          // hyphens and dashes
};
constexpr std::array<std::string_view, 5> kMoreSeparators = {"\u2015", "\u2212", "\u202F", "\u205F", "\u3000"};

std::size_t separator_at(std::string_view text) {
  for (const std::string_view separator : kSeparators) {
    if (text.starts_with(separator)) return separator.size();
  }
  for (const std::string_view separator : kMoreSeparators) {
    if (text.starts_with(separator)) return separator.size();
  }
  return 0;
}

std::optional<std::uint32_t> value_of(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a');
  if (c >= '2' && c <= '7') return static_cast<std::uint32_t>(c - '2' + 26);
  return std::nullopt;
}

std::string why_not(char c, std::size_t letter) {
  switch (c) {
    case '0':
      return fmt::format("character {} of the key is a zero; base32 has none: is it the letter O?", letter);
    case '1':
      return fmt::format("character {} of the key is a one; base32 has none: is it the letter I or L?", letter);
    case '8':
      return fmt::format("character {} of the key is an eight; base32 has none: is it the letter B?", letter);
    case '9':
      return fmt::format("character {} of the key is a nine; base32 has the digits 2 to 7 only", letter);
    default:
      return fmt::format("character {} of the key is none that base32 has (A to Z, 2 to 7)", letter);
  }
}

}  // namespace

std::expected<Secret, std::string> base32_decode(std::string_view text) {
  if (text.size() > kLongestText)
    return std::unexpected(fmt::format("the key is longer than {} characters", kLongestText));
  // At most five bits a character; the surplus is cut off below.
  Secret room = Secret::zeros(text.size() * 5 / 8 + 1);
  const auto out = room.writable();
  std::size_t written = 0;
  std::size_t letters = 0;
  std::uint32_t bits = 0;
  unsigned held = 0;
  bool padding = false;
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t skip = separator_at(text.substr(at)); skip > 0) {
      at += skip;
      continue;
    }
    const char c = text[at++];
    if (c == '=') {
      padding = true;
      continue;
    }
    ++letters;
    const auto value = value_of(c);
    if (!value) return std::unexpected(why_not(c, letters));
    if (padding) return std::unexpected(fmt::format("the key goes on after its padding, at character {}", letters));
    bits = (bits << 5U) | *value;
    held += 5;
    if (held >= 8) {
      held -= 8;
      out[written++] = static_cast<unsigned char>(bits >> held);
      bits &= (1U << held) - 1U;
    }
  }
  if (letters == 0) return std::unexpected("the key is empty");
  if (written == 0) return std::unexpected("the key is too short to hold a byte");
  return Secret::copy_of(room.reveal().substr(0, written));
}

Secret base32_encode(const Secret& bytes) {
  Secret text = Secret::zeros((bytes.size() * 8 + 4) / 5);
  const auto out = text.writable();
  std::size_t written = 0;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const unsigned char byte : bytes.reveal_bytes()) {
    bits = (bits << 8U) | byte;
    held += 8;
    while (held >= 5) {
      held -= 5;
      out[written++] = static_cast<unsigned char>(kAlphabet[(bits >> held) & 31U]);
    }
    bits &= (1U << held) - 1U;
  }
  if (held > 0) out[written++] = static_cast<unsigned char>(kAlphabet[(bits << (5 - held)) & 31U]);
  return text;
}

}  // namespace totpilot::totp
