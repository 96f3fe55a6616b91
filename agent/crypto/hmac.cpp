#include "agent/crypto/hmac.h"

#include <openssl/evp.h>

#include <array>

#include "agent/base/failure.h"

namespace totpilot::crypto {
namespace {

const char* digest_name(HashKind hash) {
  switch (hash) {
    case HashKind::kSha1:
      return "SHA1";
    case HashKind::kSha256:
      return "SHA256";
    case HashKind::kSha512:
      return "SHA512";
  }
  return "SHA256";
}

}  // namespace

std::size_t hash_size(HashKind hash) {
  switch (hash) {
    case HashKind::kSha1:
      return 20;
    case HashKind::kSha256:
      return 32;
    case HashKind::kSha512:
      return 64;
  }
  return 32;
}

Secret hmac(HashKind hash, std::span<const unsigned char> key, std::span<const unsigned char> message) {
  // A null key means "keep the old one" to OpenSSL; an empty key is a key.
  static constexpr unsigned char kNothing = 0;
  Secret code = Secret::zeros(hash_size(hash));
  std::size_t written = 0;
  const unsigned char* made =
      EVP_Q_mac(nullptr, "HMAC", nullptr, digest_name(hash), nullptr, key.empty() ? &kNothing : key.data(), key.size(),
                message.data(), message.size(), code.writable().data(), code.size(), &written);
  if (made == nullptr || written != code.size()) throw Failure(Outcome::kInternal, "OpenSSL refused to make an HMAC");
  return code;
}

}  // namespace totpilot::crypto
