#include "agent/base/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "agent/base/failure.h"
#include "agent/base/log.h"
#include "agent/base/unique_fd.h"

namespace totpilot {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLimit = 1U << 16U;

template <class Work>
Failure failure_of(Work&& work) {
  try {
    work();
  } catch (const Failure& failure) {
    return failure;
  }
  return Failure(Outcome::kOk, "nothing failed");
}

class FileTest : public testing::Test {
 protected:
  FileTest() {
    std::string name = (fs::temp_directory_path() / "totpilot-base-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    directory_ = name;
    path_ = directory_ / "file";
  }
  ~FileTest() override { fs::remove_all(directory_); }

  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()));
  }

  fs::path directory_;
  fs::path path_;
};

using WrittenFile = FileTest;
using SecretStream = FileTest;

TEST_F(WrittenFile, TakesThePlaceOfTheOneBefore) {
  write_file_atomically(path_, "one");
  write_file_atomically(path_, "two");
  EXPECT_EQ(read_file(path_, kLimit), "two");
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(WrittenFile, GoesIntoAPipeInsteadOfReplacingIt) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  std::string got;
  std::jthread reader([&] { got = read_file(path_, kLimit); });
  write_file_atomically(path_, "through");
  reader.join();
  EXPECT_EQ(got, "through");
  EXPECT_TRUE(fs::is_fifo(path_));
  EXPECT_EQ(entries(), 1U);
}

TEST_F(WrittenFile, SaysSoWhenADeviceTakesNothing) {
  EXPECT_EQ(failure_of([] { write_file_atomically("/dev/full", "lost"); }).code(), Outcome::kStorageFailed);
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(WrittenFile, LeavesALinkAndWhatItLeadsToAlone) {
  const fs::path other = directory_ / "other";
  write_file_atomically(other, "kept");
  fs::create_symlink(other, path_);
  const Failure failure = failure_of([&] { write_file_atomically(path_, "new"); });
  EXPECT_EQ(failure.code(), Outcome::kInvalidInput);
  EXPECT_NE(failure.message().find("link"), std::string::npos);
  EXPECT_TRUE(fs::is_symlink(path_));
  EXPECT_EQ(read_file(other, kLimit), "kept");
}

TEST_F(WrittenFile, LeavesNothingBesideWhenTheDiskTakesOnlyAPart) {
  write_file_atomically(path_, "before");
  rlimit usual{};
  ::getrlimit(RLIMIT_FSIZE, &usual);
  const rlimit small{100, usual.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  const Failure failure = failure_of([&] { write_file_atomically(path_, std::string(1000, 'x')); });
  ::setrlimit(RLIMIT_FSIZE, &usual);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(failure.code(), Outcome::kStorageFailed);
  EXPECT_EQ(read_file(path_, kLimit), "before");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(WrittenFile, IsNotSeenBeforeItIsPutInPlace) {
  write_file_atomically(path_, "before");
  {
    const StagedFile staged(path_, "after");
    EXPECT_EQ(read_file(path_, kLimit), "before");
  }
  EXPECT_EQ(entries(), 1U);
}

TEST_F(SecretStream, IsReadFromAFileToItsEnd) {
  const std::string long_one(10'000, 's');
  write_file_atomically(path_, long_one);
  EXPECT_EQ(read_secret_file(path_, kLimit).reveal(), long_one);
  EXPECT_EQ(failure_of([&] { read_secret_file(path_, 9'999); }).code(), Outcome::kInvalidInput);
}

TEST_F(SecretStream, IsWaitedForWhereThePipeIsEmptyForAMoment) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
  const UniqueFd from(ends[0]);
  UniqueFd to(ends[1]);
  ASSERT_EQ(::write(to.get(), "correct-", 8), 8);
  std::jthread writer([&] {
    // Not before the reader has found the pipe empty, or is about to.
    for (int waiting = 1; waiting > 0; std::this_thread::yield()) ::ioctl(from.get(), FIONREAD, &waiting);
    EXPECT_EQ(::write(to.get(), "horse", 5), 5);
    to = UniqueFd();
  });
  EXPECT_EQ(read_secret_stream(from.get(), kLimit, "standard input").reveal(), "correct-horse");
}

TEST_F(SecretStream, ThatCannotBeReadIsNotTakenForItsEnd) {
  const UniqueFd directory(::open("/", O_RDONLY | O_CLOEXEC));
  const Failure failure = failure_of([&] { read_secret_stream(directory.get(), kLimit, "standard input"); });
  EXPECT_EQ(failure.code(), Outcome::kStorageFailed);
  EXPECT_NE(failure.message().find("standard input"), std::string::npos);
}

TEST(Log, AFileThatCannotBeWrittenIsTheSettingsFault) {
  const Failure failure = failure_of([] { log::setup({.file = "/dev/null/totpilot.log"}); });
  EXPECT_EQ(failure.code(), Outcome::kInvalidInput);
  EXPECT_NE(failure.message().find("log.file"), std::string::npos);
}

}  // namespace
}  // namespace totpilot
