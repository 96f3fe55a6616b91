#include "agent/crypto/hmac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "agent/base/failure.h"

namespace totpilot::crypto {
namespace {

const EVP_MD* digest_of(Hash hash) {
  switch (hash) {
    case Hash::kSha1:
      return EVP_sha1();
    case Hash::kSha256:
      return EVP_sha256();
    case Hash::kSha512:
      return EVP_sha512();
  }
  throw Failure(Outcome::kInternal, "an unknown hash was asked for");
}

}  // namespace

Secret hmac(Hash hash, const Secret& key, std::string_view message) {
  const EVP_MD* digest = digest_of(hash);
  Secret mac = Secret::zeros(static_cast<std::size_t>(EVP_MD_get_size(digest)));
  // A null key means "the last one" to OpenSSL.
  static constexpr unsigned char kNoKey = 0;
  const unsigned char* bytes = key.empty() ? &kNoKey : key.reveal_bytes().data();
  unsigned int size = 0;
  if (HMAC(digest, bytes, static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(message.data()),
           message.size(), mac.writable().data(), &size) == nullptr ||
      size != mac.size())
    throw Failure(Outcome::kInternal, "HMAC was refused by OpenSSL");
  return mac;
}

}  // namespace totpilot::crypto
