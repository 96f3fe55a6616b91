#include "agent/base/test_clock.h"
#ifdef TOTPILOT_TESTING
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/base/failure.h"

namespace totpilot {
namespace {

TimePoint system_now() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace

TestClock::TestClock(const std::string& file) {
  const int fd = open(file.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) throw Failure(Outcome::kInternal, "TOTPILOT_TEST_CLOCK names a file that cannot be opened: " + file);
  void* memory = mmap(nullptr, sizeof(*ahead_), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (memory == MAP_FAILED) throw Failure(Outcome::kInternal, "the test clock cannot be mapped: " + file);
  ahead_ = static_cast<std::atomic<std::int64_t>*>(memory);
}

TestClock::~TestClock() { munmap(ahead_, sizeof(*ahead_)); }

TimePoint TestClock::now() const { return system_now() + std::chrono::milliseconds(ahead_->load()); }

task<void> TestClock::wait_until(TimePoint when, Deadline) {
  const std::int64_t wanted = (when - system_now()).count() + 1;
  std::int64_t ahead = ahead_->load();
  while (ahead < wanted && !ahead_->compare_exchange_weak(ahead, wanted)) {
  }
  co_return;
}

}  // namespace totpilot
#endif
