#pragma once
// Deadline: the last parameter of everything that can wait. On the steady clock; nests, and only ever shrinks.
#include <algorithm>
#include <chrono>

namespace totpilot {

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  static Deadline after(Clock::duration span) { return Deadline(Clock::now() + span); }
  static Deadline at(Clock::time_point when) { return Deadline(when); }

  /// This deadline, or `span` from now, whichever comes first.
  Deadline at_most(Clock::duration span) const { return Deadline(std::min(when_, Clock::now() + span)); }

  Clock::time_point when() const { return when_; }
  /// Zero once it has passed.
  std::chrono::milliseconds remaining() const {
    return std::max(std::chrono::milliseconds{0},
                    std::chrono::duration_cast<std::chrono::milliseconds>(when_ - Clock::now()));
  }
  bool expired() const { return Clock::now() >= when_; }

 private:
  explicit Deadline(Clock::time_point when) : when_(when) {}
  Clock::time_point when_;
};

}  // namespace totpilot
