#include "agent/crypto/aead.h"

#include <openssl/evp.h>

#include <memory>

#include "agent/base/failure.h"
#include "agent/crypto/random.h"

namespace totpilot::crypto {
namespace {

// Freeing cleanses the key schedule, which OpenSSL keeps on the ordinary heap: a context lives for one call only.
using Context =
    std::unique_ptr<EVP_CIPHER_CTX, decltype([](EVP_CIPHER_CTX* context) { EVP_CIPHER_CTX_free(context); })>;

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

void require(bool right) {
  if (!right) throw Failure(Outcome::kInternal, "AES-256-GCM was refused by OpenSSL");
}

int length(std::string_view text) {
  if (text.size() > (std::size_t{1} << 30U))
    throw Failure(Outcome::kInvalidInput, "a text of more than 1 GiB cannot be sealed");
  return static_cast<int>(text.size());
}

void require_key(const Secret& key) {
  if (key.size() != kKeyBytes) throw Failure(Outcome::kInternal, "a key for AES-256-GCM has 32 bytes");
}

void associate(EVP_CIPHER_CTX* context, std::string_view associated, bool encrypting) {
  if (associated.empty()) return;
  int done = 0;
  require((encrypting ? EVP_EncryptUpdate : EVP_DecryptUpdate)(context, nullptr, &done, bytes(associated),
                                                               length(associated)) == 1);
}

}  // namespace

AeadParts aead_seal_with_nonce(const Secret& key, std::string_view nonce, std::string_view associated,
                               std::string_view plaintext) {
  require_key(key);
  if (nonce.size() != kNonceBytes) throw Failure(Outcome::kInternal, "a nonce for AES-256-GCM has 12 bytes");
  const Context context(EVP_CIPHER_CTX_new());
  require(context != nullptr);
  require(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.reveal_bytes().data(), bytes(nonce)) == 1);
  associate(context.get(), associated, true);

  AeadParts parts{std::string(nonce), std::string(plaintext.size(), '\0'), std::string(kTagBytes, '\0')};
  int done = 0;
  // An empty update would be taken for associated data when the output is null.
  if (!plaintext.empty())
    require(EVP_EncryptUpdate(context.get(), bytes(parts.ciphertext), &done, bytes(plaintext), length(plaintext)) == 1);
  int rest = 0;
  unsigned char none = 0;
  require(EVP_EncryptFinal_ex(context.get(), &none, &rest) == 1 && rest == 0);
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, parts.tag.data()) == 1);
  return parts;
}

std::optional<Secret> aead_open_parts(const Secret& key, const AeadParts& parts, std::string_view associated) {
  require_key(key);
  // OpenSSL accepts tags of 1, 4, 8 and 12 bytes, which an attacker can guess.
  if (parts.tag.size() != kTagBytes || parts.nonce.size() != kNonceBytes) return std::nullopt;
  const Context context(EVP_CIPHER_CTX_new());
  require(context != nullptr);
  require(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.reveal_bytes().data(),
                             bytes(parts.nonce)) == 1);
  associate(context.get(), associated, false);

  // OpenSSL writes the plaintext before it knows the tag: into memory that is wiped if the tag is wrong.
  Secret plaintext = Secret::zeros(parts.ciphertext.size());
  int done = 0;
  if (!plaintext.empty())
    require(EVP_DecryptUpdate(context.get(), plaintext.writable().data(), &done, bytes(parts.ciphertext),
                              length(parts.ciphertext)) == 1);
  std::string tag = parts.tag;
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1);
  int rest = 0;
  unsigned char none = 0;
  if (EVP_DecryptFinal_ex(context.get(), &none, &rest) != 1) return std::nullopt;
  return plaintext;
}

std::string aead_seal(const Secret& key, std::string_view associated, const Secret& plaintext) {
  AeadParts parts = aead_seal_with_nonce(key, random_bytes(kNonceBytes), associated, plaintext.reveal());
  return parts.nonce + parts.ciphertext + parts.tag;
}

std::optional<Secret> aead_open(const Secret& key, std::string_view associated, std::string_view sealed) {
  if (sealed.size() < kSealOverhead) return std::nullopt;
  const std::size_t body = sealed.size() - kSealOverhead;
  return aead_open_parts(key,
                         {std::string(sealed.substr(0, kNonceBytes)), std::string(sealed.substr(kNonceBytes, body)),
                          std::string(sealed.substr(kNonceBytes + body))},
                         associated);
}

}  // namespace totpilot::crypto
