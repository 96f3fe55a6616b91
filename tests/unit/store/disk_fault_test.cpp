// What a commit means when the disk refuses (safety.md I7).
#include <gtest/gtest.h>

#include "agent/store/settings.h"
#include "tests/unit/store/faulty_disk.h"
#include "tests/unit/store/scratch.h"

namespace totpilot::store {
namespace {

class DiskFault : public ::testing::Test {
 protected:
  void set(std::string_view name, std::string_view value) {
    store_->write([&](WriteTransaction& transaction) { set_setting(transaction, name, value); });
  }
  std::optional<std::string> get(std::string_view name) {
    return store_->read([&](ReadTransaction& transaction) { return find_setting(transaction, name); });
  }

  FaultyDisk disk_;
  Scratch scratch_;
  std::unique_ptr<Store> store_ = scratch_.open();
};

TEST_F(DiskFault, AFailingSyncAtCommitIsReportedAsDoubtAndTheStoreGoesOn) {
  set("before", "1");
  disk_.fail_sync(0, "-wal");
  EXPECT_THROW(set("doubtful", "1"), DoubtfulCommit);
  EXPECT_TRUE(disk_.failed());
  // What the caller does now: read. Whatever holds, it holds after another opening too.
  const auto holds = get("doubtful");
  EXPECT_EQ(get("before"), "1");
  set("after", "1");
  store_.reset();
  store_ = scratch_.open();
  EXPECT_EQ(get("doubtful"), holds);
  EXPECT_EQ(get("after"), "1");
}

TEST_F(DiskFault, ADoubtDoesNotClaimThatNothingWasSubmitted) {
  disk_.fail_sync(0, "-wal");
  try {
    set("doubtful", "1");
    FAIL();
  } catch (const DoubtfulCommit& doubt) {
    EXPECT_EQ(doubt.hint().find("submitted"), std::string::npos) << doubt.hint();
  }
}

TEST_F(DiskFault, ADiskThatStaysBrokenRefusesEveryWriteAndHealsWithoutANewStart) {
  disk_.fail_sync(0, "-wal", true);
  disk_.fail_write(0, ".db", true);
  EXPECT_THROW(set("a", "1"), DoubtfulCommit);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(outcome_of([&] { set("b", "1"); }), Outcome::kStorageFailed);
  disk_.heal();
  set("c", "1");
  EXPECT_EQ(get("c"), "1");
  store_->check_integrity();
}

TEST_F(DiskFault, AFullDiskAtAnyWriteLosesNothingThatWasCommitted) {
  set("kept", "1");
  int point = 0;
  for (;; ++point) {
    disk_.fail_write(point, "");
    const std::string name = "n" + std::to_string(point);
    const Outcome outcome = outcome_of([&] { set(name, "1"); });
    const bool struck = disk_.failed();
    disk_.heal();
    EXPECT_EQ(get("kept"), "1");
    if (outcome == Outcome::kOk) {
      EXPECT_EQ(get(name), "1") << point;
    } else {
      EXPECT_EQ(outcome, Outcome::kStorageFailed) << point;
    }
    store_->check_integrity();
    if (!struck) break;
    ASSERT_LT(point, 50);
  }
  EXPECT_GE(point, 2) << "a commit writes more than once";
}

TEST_F(DiskFault, AFailingSyncAtAnyPointOfALogTruncationLosesNothing) {
  for (int point = 0; point < 20; ++point) {
    set("value", std::to_string(point));
    disk_.fail_sync(point, "");
    store_->truncate_log();
    const bool struck = disk_.failed();
    disk_.heal();
    EXPECT_EQ(get("value"), std::to_string(point));
    if (!struck) return;
  }
  FAIL() << "a truncation synced more than twenty times";
}

}  // namespace
}  // namespace totpilot::store
