#pragma once
// Stream: every record once more, as a line, to a place that a thief of this machine may not reach: a file or syslog.
// Not synchronized: the chain guards it. Blocking.
#include <filesystem>
#include <string>
#include <vector>

#include "agent/base/unique_fd.h"

namespace totpilot::audit {

class Stream {
 public:
  /// "" for none, "syslog", or a file's whole path (0600 where it is made). Throws storage_failed.
  explicit Stream(std::string target);
  /// All lines, or storage_failed. What syslog does with them it does not say.
  void write(const std::vector<std::string>& lines);
  /// Where it can be read back from; empty: nowhere.
  std::filesystem::path file() const;

 private:
  std::string target_;
  UniqueFd fd_;
};

}  // namespace totpilot::audit
