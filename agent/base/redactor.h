#pragma once
// Redactor: knows every living Secret and takes it, in all its usual disguises, out of a text. Sits in the log sink and
// in the recorder, so no caller can forget it. Any thread. Holds pointers to living secrets, never a copy of one.
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace totpilot {

class Redactor {
 public:
  static Redactor& global();

  /// Called by Secret alone.
  void add(const char* data, std::size_t size);
  void remove(const char* data);

  /// `text` with each known secret replaced by "[redacted]": as it is, in other case, grouped in fours by spaces or
  /// dashes, URL-encoded, base64 (both alphabets, each alignment), hex, JSON-escaped. Secrets shorter than kShortest
  /// are left to their field's type.
  std::string redact(std::string_view text) const;

  static constexpr std::size_t kShortest = 8;

 private:
  mutable std::mutex mutex_;
  std::map<const char*, std::size_t> living_;
};

}  // namespace totpilot
