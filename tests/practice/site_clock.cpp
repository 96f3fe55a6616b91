#include "tests/practice/site_clock.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace totpilot::practice {

SiteClock::SiteClock(const std::string& file, std::chrono::seconds skew) : skew_(skew) {
  if (file.empty()) return;
  const int fd = open(file.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "cannot open the clock file " + file);
  void* memory = mmap(nullptr, sizeof(*ahead_), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  const int error = errno;
  close(fd);
  if (memory == MAP_FAILED)
    throw std::system_error(error, std::generic_category(), "cannot map the clock file " + file);
  ahead_ = static_cast<std::atomic<std::int64_t>*>(memory);
}

SiteClock::~SiteClock() {
  if (ahead_ != nullptr) munmap(ahead_, sizeof(*ahead_));
}

Time SiteClock::now() const {
  const Time system = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  return system + std::chrono::milliseconds(ahead_ == nullptr ? 0 : ahead_->load()) + skew_.load();
}

}  // namespace totpilot::practice
