#include "agent/crypto/kdf.h"

#include <argon2.h>

#include "agent/base/failure.h"
#include "agent/crypto/aead.h"
#include "agent/crypto/hmac.h"

namespace totpilot::crypto {
namespace {

constexpr std::uint32_t kSmallestMemoryKib = 8;
constexpr std::uint32_t kLargestMemoryKib = 4U << 20U;
constexpr std::uint32_t kMostPasses = 64;
constexpr std::uint32_t kMostLanes = 16;

void require_sane(const Argon2Parameters& parameters, std::string_view salt) {
  const bool sane = parameters.version == 1 && parameters.lanes >= 1 && parameters.lanes <= kMostLanes &&
                    parameters.passes >= 1 && parameters.passes <= kMostPasses &&
                    parameters.memory_kib >= kSmallestMemoryKib * parameters.lanes &&
                    parameters.memory_kib <= kLargestMemoryKib && salt.size() >= kSaltBytes && salt.size() <= 1024;
  if (!sane)
    throw Failure(Outcome::kInvalidInput, "the parameters of a passphrase's key are not those of any totpilot");
}

}  // namespace

Secret derive_from_passphrase(const Secret& passphrase, std::string_view salt, const Argon2Parameters& parameters) {
  require_sane(parameters, salt);
  Secret key = Secret::zeros(kKeyBytes);
  const int result =
      argon2id_hash_raw(parameters.passes, parameters.memory_kib, parameters.lanes, passphrase.reveal().data(),
                        passphrase.size(), salt.data(), salt.size(), key.writable().data(), key.size());
  if (result == ARGON2_MEMORY_ALLOCATION_ERROR)
    throw Failure(Outcome::kStorageFailed, "there is not enough memory to derive the passphrase's key");
  if (result != ARGON2_OK) throw Failure(Outcome::kInternal, "Argon2id was refused by libargon2");
  return key;
}

Secret derive_subkey(const Secret& key, std::string_view label) {
  // RFC 5869: extract with an empty salt (32 zero bytes), then one block of expand.
  const Secret extracted = hmac(Hash::kSha256, Secret::zeros(32), key.reveal());
  return hmac(Hash::kSha256, extracted, std::string(label) + '\x01');
}

}  // namespace totpilot::crypto
