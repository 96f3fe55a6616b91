#pragma once
// Process: the program under test as a child, with what it says captured, and everything it started accounted for. The
// test process is the subreaper, so whatever outlives its parent becomes ours and is found.
#include <sys/types.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/harness/unique_file.h"

namespace totpilot::e2e {

struct Ended {
  int exit_code = -1;  // -1: a signal ended it
  int signal = 0;
  bool timed_out = false;  // we ended it
  std::string out;
  std::string err;
  std::vector<std::string> left_over;  // command names of descendants that did not end with it
};

struct Command {
  std::vector<std::string> arguments;  // the first is the program's path
  std::map<std::string, std::string> environment;
  std::string input;
};

class Process {
 public:
  /// Starts it. Throws std::system_error when that fails.
  explicit Process(const Command& command);
  /// Ends it and its descendants.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  /// Pids of all its descendants whose command name begins with `name`.
  std::vector<pid_t> descendants(const std::string& name = {}) const;
  /// cmdline and environ of it and of all its descendants, now.
  std::string arguments_and_environments() const;
  /// Waits for its end, then for the end of all it started, and of what earlier ones left (which takes a moment, and
  /// longer on a busy machine). Ends it when `patience` is over.
  Ended finish(std::chrono::milliseconds patience,
               std::chrono::milliseconds patience_for_descendants = std::chrono::seconds(30));

 private:
  pid_t pid_ = -1;
  UniqueFile pidfd_;
  UniqueFile out_;
  UniqueFile err_;
  bool reaped_ = false;
};

}  // namespace totpilot::e2e
