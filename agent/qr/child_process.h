#pragma once
// ChildProcess: one run of totpilot-qr, with a socket for its standard input and output, nothing of our environment,
// and its end assured: whoever lets go of it kills it. For this room.
#include <sys/types.h>

#include <filesystem>

#include "agent/base/unique_fd.h"

namespace totpilot::qr {

enum class ChildEnd { kExited, kOutOfTime, kCrashed };

class ChildProcess {
 public:
  /// internal when it cannot be started.
  explicit ChildProcess(const std::filesystem::path& program);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Our end of the socket; the caller takes it.
  UniqueFd take_socket() { return std::move(socket_); }
  /// Readable once the process has ended; stays ours.
  int end_signal() const { return pidfd_.get(); }
  void kill() const;
  /// After it has ended (end_signal()).
  ChildEnd reap();

 private:
  pid_t pid_ = -1;
  UniqueFd pidfd_;
  UniqueFd socket_;
};

}  // namespace totpilot::qr
