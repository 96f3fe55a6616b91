#include "agent/base/secret.h"

#include <openssl/crypto.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstring>
#include <new>
#include <utility>

#include "agent/base/redactor.h"

namespace totpilot {
namespace {

constexpr std::size_t kSecureHeapBytes = 1U << 20U;
constexpr std::size_t kSecureHeapSmallest = 32;

char* allocate(std::size_t size) {
  auto* memory = static_cast<char*>(OPENSSL_secure_malloc(size));
  // A full locked heap answers null and does not fall back; an unlocked copy that is wiped is better than a lost
  // secret.
  if (memory == nullptr) memory = static_cast<char*>(OPENSSL_malloc(size));
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

Secret Secret::zeros(std::size_t size) {
  Secret secret;
  if (size == 0) return secret;
  secret.data_ = allocate(size);
  secret.size_ = size;
  std::memset(secret.data_, 0, size);
  Redactor::global().add(secret.data_, size);
  return secret;
}

Secret Secret::copy_of(std::string_view bytes) {
  Secret secret = zeros(bytes.size());
  if (!bytes.empty()) std::memcpy(secret.data_, bytes.data(), bytes.size());
  return secret;
}

Secret Secret::copy_of(std::span<const unsigned char> bytes) {
  Secret secret = zeros(bytes.size());
  if (!bytes.empty()) std::memcpy(secret.data_, bytes.data(), bytes.size());
  return secret;
}

Secret::Secret(std::string&& bytes) : Secret(copy_of(bytes)) { wipe(bytes); }

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }
  return *this;
}

Secret::~Secret() {
  if (data_ == nullptr) return;
  Redactor::global().remove(data_);
  if (CRYPTO_secure_allocated(data_) != 0) {
    OPENSSL_secure_clear_free(data_, size_);
  } else {
    OPENSSL_clear_free(data_, size_);
  }
}

std::span<const unsigned char> Secret::reveal_bytes() const {
  return {reinterpret_cast<const unsigned char*>(data_), size_};
}

std::span<unsigned char> Secret::writable() { return {reinterpret_cast<unsigned char*>(data_), size_}; }

bool Secret::same_as(const Secret& other) const {
  return size_ == other.size_ && (size_ == 0 || CRYPTO_memcmp(data_, other.data_, size_) == 0);
}

void wipe(std::string& text) {
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

bool init_secure_memory() {
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  // Lost by every exec, so each of our programs does it again at its start.
  prctl(PR_SET_DUMPABLE, 0);
  return CRYPTO_secure_malloc_initialized() != 0 ||
         CRYPTO_secure_malloc_init(kSecureHeapBytes, kSecureHeapSmallest) == 1;
}

}  // namespace totpilot
