#pragma once
// SiteClock: the time the app believes in. With a file it follows the shared test clock: an int64 in native byte order,
// milliseconds ahead of the system's time, mapped by every process of a test.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "tests/practice/ledger.h"

namespace totpilot::practice {

class SiteClock {
 public:
  /// `file` empty: the system's time. Throws std::system_error when the file cannot be mapped.
  SiteClock(const std::string& file, std::chrono::seconds skew);
  ~SiteClock();
  SiteClock(const SiteClock&) = delete;
  SiteClock& operator=(const SiteClock&) = delete;

  Time now() const;
  void set_skew(std::chrono::seconds skew) { skew_ = skew; }

 private:
  std::atomic<std::int64_t>* ahead_ = nullptr;
  std::atomic<std::chrono::seconds> skew_;
};

}  // namespace totpilot::practice
