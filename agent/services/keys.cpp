#include "agent/services/keys.h"

#include <algorithm>

#include "agent/crypto/random.h"
#include "agent/crypto/sha256.h"

namespace totpilot::services {
namespace {

constexpr std::size_t kKeyBytes = 32;

}  // namespace

Secret make_key(std::string_view prefix) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const Secret random = crypto::random_secret(kKeyBytes);
  Secret key = Secret::zeros(prefix.size() + 2 * kKeyBytes);
  auto to = std::ranges::copy(prefix, key.writable().begin()).out;
  for (const unsigned char byte : random.reveal_bytes()) {
    *to++ = static_cast<unsigned char>(kDigits[byte >> 4U]);
    *to++ = static_cast<unsigned char>(kDigits[byte & 15U]);
  }
  return key;
}

std::string hash_of_key(const Secret& key) { return crypto::sha256_hex(key.reveal()); }

}  // namespace totpilot::services
