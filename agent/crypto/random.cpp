#include "agent/crypto/random.h"

#include <openssl/rand.h>

#include "agent/base/failure.h"

namespace totpilot::crypto {
namespace {

[[noreturn]] void fail() { throw Failure(Outcome::kInternal, "the system gave no random bytes"); }

}  // namespace

Secret random_secret(std::size_t size) {
  Secret secret = Secret::zeros(size);
  if (size > 0 && RAND_priv_bytes(secret.writable().data(), static_cast<int>(size)) != 1) fail();
  return secret;
}

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  if (size > 0 && RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(size)) != 1) fail();
  return bytes;
}

}  // namespace totpilot::crypto
