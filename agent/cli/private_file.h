#pragma once
// PrivateFile: a file in memory (tmpfs), readable by this user alone, that is gone with this object, and also when this
// process is killed: a small process of its own waits for that.
#include <filesystem>
#include <string>
#include <string_view>

#include "agent/base/unique_fd.h"

namespace totpilot::cli {

class PrivateFile {
 public:
  /// storage_failed where there is no tmpfs to write to.
  PrivateFile(std::string_view name, std::string_view content);
  ~PrivateFile();
  PrivateFile(const PrivateFile&) = delete;
  PrivateFile& operator=(const PrivateFile&) = delete;

  std::string path() const { return file_.string(); }

 private:
  std::filesystem::path directory_;
  std::filesystem::path file_;
  UniqueFd alive_;  // its other end is the cleaner's: it reads the end of it when this process has gone
  pid_t cleaner_ = 0;
};

}  // namespace totpilot::cli
