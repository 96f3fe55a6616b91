#pragma once
// StateLock: one process at a time in a state directory. Held from before the Store opens until after it closed; the
// kernel lets go of it when the process dies.
#include <filesystem>
#include <string>

#include "agent/base/deadline.h"
#include "agent/base/unique_fd.h"

namespace totpilot::store {

class StateLock {
 public:
  /// `command` says what we are doing ("enroll redmine-alice"; never a secret): a second process names it. Waits until
  /// the deadline (the command line takes ten seconds), woken by the holder's end; then throws busy with the holder's
  /// pid and command.
  static StateLock acquire(const std::filesystem::path& state_directory, const std::string& command, Deadline deadline);

  StateLock(StateLock&&) = default;
  StateLock& operator=(StateLock&&) = default;

 private:
  explicit StateLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace totpilot::store
