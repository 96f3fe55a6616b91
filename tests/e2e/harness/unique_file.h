#pragma once
// UniqueFile: an owned file descriptor.
#include <unistd.h>

#include <utility>

namespace totpilot::e2e {

class UniqueFile {
 public:
  UniqueFile() = default;
  explicit UniqueFile(int fd) : fd_(fd) {}
  ~UniqueFile() {
    if (fd_ >= 0) close(fd_);
  }
  UniqueFile(UniqueFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFile& operator=(UniqueFile&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

}  // namespace totpilot::e2e
