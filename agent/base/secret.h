#pragma once
// Secret: bytes that must not be seen. Move-only, in wiped (and, after init_secure_memory(), locked) memory, known to
// the redactor while it lives. No <<, no ==, no JSON; read by reveal(), which a reviewer can search for. Any thread.
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace totpilot {

class Secret {
 public:
  Secret() = default;
  /// Takes the bytes and wipes the string it got.
  explicit Secret(std::string&& bytes);
  static Secret copy_of(std::string_view bytes);
  static Secret copy_of(std::span<const unsigned char> bytes);
  /// `size` zero bytes, to be filled through writable().
  static Secret zeros(std::size_t size);

  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  /// A second holder of the same bytes, asked for by name so that it can be searched for.
  Secret duplicate() const { return copy_of(reveal()); }

  std::string_view reveal() const { return {data_, size_}; }
  std::span<const unsigned char> reveal_bytes() const;
  std::span<unsigned char> writable();
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// Compares in constant time.
  bool same_as(const Secret& other) const;

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Overwrites and empties a string that held a secret.
void wipe(std::string& text);

/// Sets up OpenSSL's locked heap for all secrets made later; once, at the start of main. Returns false where memory
/// cannot be locked (the caller warns). Also forbids core dumps and same-user ptrace of this process.
bool init_secure_memory();

}  // namespace totpilot
