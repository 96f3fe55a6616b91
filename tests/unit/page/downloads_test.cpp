// Downloads on a directory that holds what a browser gone bad could have put there; without a browser.
#include "drivers/page/downloads.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <fstream>

#include "drivers/cdp/connection.h"
#include "tests/unit/cdp/scripted_peer.h"

namespace totpilot::page {
namespace {

namespace fs = std::filesystem;

struct DownloadsTest : testing::Test {
  boost::asio::io_context context;
  boost::asio::thread_pool pool{1};
  tests::ScriptedPeer peer{context.get_executor()};
  cdp::Connection connection{context.get_executor(), pool, peer.transport()};
  fs::path directory = make_directory();
  Downloads downloads{*connection.browser(), directory};

  static fs::path make_directory() {
    std::string name = (fs::temp_directory_path() / "totpilot-downloads-XXXXXX").string();
    return ::mkdtemp(name.data());
  }
  ~DownloadsTest() override { fs::remove_all(directory); }

  fs::path place() const { return directory / "ab-12"; }

  /// The content, or the message of the failure.
  std::string taken() {
    peer.event("Browser.downloadWillBegin", {{"guid", "ab-12"}, {"suggestedFilename", "codes.txt"}});
    peer.event("Browser.downloadProgress", {{"guid", "ab-12"}, {"state", "completed"}});
    try {
      return std::string(
          run_to_end(context, downloads.take(0, Deadline::after(std::chrono::seconds(10)))).content.reveal());
    } catch (const Failure& failure) {
      return failure.message();
    }
  }
};

constexpr const char* kRefused = "its file cannot be read, is none, or is larger than a list of codes";

TEST_F(DownloadsTest, ReadsAFileAndRemovesIt) {
  std::ofstream(place()) << "codes";

  EXPECT_EQ(taken(), "codes");
  EXPECT_TRUE(fs::is_empty(directory));
}

TEST_F(DownloadsTest, FollowsNoLink) {
  const fs::path elsewhere = directory / "key";
  std::ofstream(elsewhere) << "the vault's key";
  fs::create_symlink(elsewhere, place());

  EXPECT_EQ(taken(), kRefused);
  EXPECT_FALSE(fs::exists(fs::symlink_status(place())));
  EXPECT_TRUE(fs::exists(elsewhere));
}

TEST_F(DownloadsTest, TakesNoSecondNameOfAFileElsewhere) {
  std::ofstream(directory / "key") << "the vault's key";
  fs::create_hard_link(directory / "key", place());

  EXPECT_EQ(taken(), kRefused);
}

TEST_F(DownloadsTest, WaitsForNobodyToWriteIntoAFifo) {
  ASSERT_EQ(::mkfifo(place().c_str(), 0600), 0);

  EXPECT_EQ(taken(), kRefused);
}

TEST_F(DownloadsTest, ReadsNoFileOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs to make another user's file";
  std::ofstream(place()) << "codes";
  ASSERT_EQ(::chown(place().c_str(), 65534, 65534), 0);

  EXPECT_EQ(taken(), kRefused);
}

TEST_F(DownloadsTest, ReadsNothingLargerThanAListOfCodes) {
  std::ofstream(place()) << std::string((std::size_t{1} << 20) + 1, 'x');

  EXPECT_EQ(taken(), kRefused);
}

}  // namespace
}  // namespace totpilot::page
