#include "agent/crypto/sha256.h"

#include <openssl/evp.h>

#include "agent/base/encoding.h"
#include "agent/base/failure.h"

namespace totpilot::crypto {

std::string sha256(std::string_view bytes) {
  std::string out(32, '\0');
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &size, EVP_sha256(),
                 nullptr) != 1)
    throw Failure(Outcome::kInternal, "SHA-256 was refused by OpenSSL");
  return out;
}

std::string sha256_hex(std::string_view bytes) { return hex_encode(sha256(bytes)); }

}  // namespace totpilot::crypto
