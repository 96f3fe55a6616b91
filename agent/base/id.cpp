#include "agent/base/id.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cctype>
#include <cstdint>

#include "agent/base/encoding.h"
#include "agent/base/failure.h"

namespace totpilot {

std::string make_uuid7(TimePoint now) {
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data() + 6, 10, 0) != 10) throw Failure(Outcome::kInternal, "the kernel gave no random bytes");
  const auto millis = static_cast<std::uint64_t>(to_millis(now));
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(millis >> (40U - 8U * i) & 255U);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0FU) | 0x70U);  // version 7
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3FU) | 0x80U);  // variant of RFC 9562
  const std::string hex = hex_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                     hex.substr(20));
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  return true;
}

}  // namespace totpilot
