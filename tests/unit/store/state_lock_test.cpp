#include "agent/store/state_lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "tests/unit/store/scratch.h"

namespace totpilot::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Another process that holds the lock until it is told to end.
class Holder {
 public:
  Holder(const std::filesystem::path& directory, const std::string& command) {
    int ready[2];
    int stop[2];
    if (::pipe(ready) != 0 || ::pipe(stop) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(stop[1]);
      const StateLock lock = StateLock::acquire(directory, command, Deadline::after(seconds(10)));
      char byte = 'x';
      if (::write(ready[1], &byte, 1) == 1 && ::read(stop[0], &byte, 1) >= 0) ::_exit(0);
      ::_exit(1);
    }
    ::close(stop[0]);
    ::close(ready[1]);
    stop_ = stop[1];
    char byte = 0;
    if (::read(ready[0], &byte, 1) != 1) std::abort();
    ::close(ready[0]);
  }
  ~Holder() {
    if (stop_ >= 0) ::close(stop_);
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  pid_t pid() const { return pid_; }
  void let_go() { ::close(std::exchange(stop_, -1)); }
  void kill() { ::kill(pid_, SIGKILL); }

 private:
  pid_t pid_ = -1;
  int stop_ = -1;
};

TEST(StateLock, NamesTheProcessThatHoldsIt) {
  const Scratch scratch;
  const Holder holder(scratch.state(), "enroll redmine-alice");
  try {
    StateLock::acquire(scratch.state(), "code redmine-alice", Deadline::after(milliseconds(120)));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Outcome::kBusy);
    EXPECT_NE(failure.message().find(std::to_string(holder.pid())), std::string::npos) << failure.message();
    EXPECT_NE(failure.message().find("enroll redmine-alice"), std::string::npos) << failure.message();
  }
}

TEST(StateLock, IsHadAsSoonAsTheHolderLetsGo) {
  const Scratch scratch;
  Holder holder(scratch.state(), "enroll");
  std::thread later([&] { holder.let_go(); });
  EXPECT_NO_THROW(StateLock::acquire(scratch.state(), "code", Deadline::after(seconds(10))));
  later.join();
}

TEST(StateLock, DiesWithItsHolder) {
  const Scratch scratch;
  Holder holder(scratch.state(), "enroll");
  holder.kill();
  EXPECT_NO_THROW(StateLock::acquire(scratch.state(), "code", Deadline::after(seconds(10))));
}

TEST(StateLock, IsForOneOwnerAlsoWithinAProcess) {
  const Scratch scratch;
  auto first = std::make_unique<StateLock>(StateLock::acquire(scratch.state(), "one", Deadline::after(seconds(1))));
  EXPECT_EQ(outcome_of([&] { StateLock::acquire(scratch.state(), "two", Deadline::after(milliseconds(1))); }),
            Outcome::kBusy);
  first.reset();
  EXPECT_NO_THROW(StateLock::acquire(scratch.state(), "two", Deadline::after(seconds(1))));
}

}  // namespace
}  // namespace totpilot::store
