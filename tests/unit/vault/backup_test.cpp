#include "agent/vault/backup.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "agent/vault/backup_stream.h"
#include "agent/vault/kit.h"
#include "tests/unit/vault/house.h"

namespace totpilot::vault {
namespace {

class Backup : public ::testing::Test {
 protected:
  void SetUp() override {
    house_.init("passphrase");
    house_.furnish();
  }
  BackupReport make() { return make_backup(house_.vault(), house_.store(), file_); }
  RestoreReport verify(const Credentials& credentials = {}) {
    return verify_backup(file_, house_.locations(), house_.clock(), credentials);
  }
  RestoreReport restore(const Locations& locations, ExistingState existing, const Credentials& credentials = {}) {
    return restore_backup(file_, locations, house_.clock(), credentials, existing);
  }
  std::string bytes() const { return contents(file_); }
  void write(const std::string& changed) const { std::ofstream(file_, std::ios::binary | std::ios::trunc) << changed; }
  std::vector<std::string> leftovers() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(house_.locations().state_directory))
      if (entry.path().filename().string().starts_with("work-")) found.push_back(entry.path());
    return found;
  }

  House house_;
  std::filesystem::path file_ = house_.path() / "backup";
};

TEST_F(Backup, OpensEverySecretWhenItIsVerified) {
  const BackupReport made = make();
  struct stat info{};
  ASSERT_EQ(::stat(file_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  const RestoreReport report = verify();
  EXPECT_EQ(report.secrets_opened, 6);
  EXPECT_EQ(report.counts, made.counts);
  EXPECT_FALSE(report.key_file_missing);
  EXPECT_TRUE(leftovers().empty());
  note_backup_verified(house_.store(), house_.clock());
  const VaultStatus status = house_.vault().status();
  EXPECT_EQ(status.last_backup, house_.clock().now());
  EXPECT_EQ(status.last_backup_verified, house_.clock().now());
}

TEST_F(Backup, RestoresToAnEmptyMachineWithTheKeyFile) {
  make();
  house_.close();
  std::filesystem::remove_all(house_.locations().state_directory);
  const RestoreReport report = restore(house_.locations(), ExistingState::kRefuse);
  EXPECT_EQ(report.set_aside, std::nullopt);
  house_.open_store();
  house_.open();
  EXPECT_FALSE(house_.vault().status().rolled_back) << "a restored database is the right one";
  EXPECT_EQ(house_.read_everything(), 6);
}

TEST_F(Backup, RestoresWithTheKitAloneAndGetsANewKeyFile) {
  const Secret kit = house_.vault().make_kit();
  make();
  house_.close();
  std::filesystem::remove_all(house_.locations().state_directory);
  std::filesystem::remove_all(house_.path() / "etc");
  std::filesystem::create_directory(house_.path() / "etc");
  const Credentials by_kit{.passphrase = std::nullopt, .kit = kit.duplicate()};
  EXPECT_EQ(outcome_of([&] { restore(house_.locations(), ExistingState::kRefuse); }), Outcome::kVaultSealed);
  EXPECT_TRUE(restore(house_.locations(), ExistingState::kRefuse, by_kit).key_file_missing);
  house_.open_store();
  house_.open(by_kit);
  house_.vault().make_key_file();
  house_.reopen();
  EXPECT_EQ(house_.read_everything(), 6);
}

TEST_F(Backup, OpensWithThePassphrase) {
  make();
  std::filesystem::remove(house_.locations().key_file());
  EXPECT_EQ(outcome_of([&] { verify({.passphrase = Secret::copy_of("wrong"), .kit = std::nullopt}); }),
            Outcome::kVaultSealed);
  EXPECT_EQ(verify({.passphrase = Secret::copy_of("passphrase"), .kit = std::nullopt}).secrets_opened, 6);
}

TEST_F(Backup, OfBeforeARotationStillOpens) {
  make();
  house_.vault().rotate_key({});
  house_.reopen();
  EXPECT_EQ(verify().secrets_opened, 6);
}

TEST_F(Backup, NeverReplacesAStateUnlessToldAndThenKeepsTheOldOne) {
  make();
  house_.furnish_more();
  house_.close();
  EXPECT_EQ(outcome_of([&] { restore(house_.locations(), ExistingState::kRefuse); }), Outcome::kAlreadyExists);
  const RestoreReport report = restore(house_.locations(), ExistingState::kSetAside);
  ASSERT_TRUE(report.set_aside);
  house_.open_store();
  house_.open();
  EXPECT_EQ(house_.read_everything(), 6) << "the backup's";
  house_.close();
  const auto aside = store::Store::open({.state_directory = *report.set_aside});
  EXPECT_EQ(aside->read([](store::ReadTransaction& transaction) { return store::list_accounts(transaction).size(); }),
            2U);
}

TEST_F(Backup, IsNotMixedWithTheLogOfADatabaseThatIsGone) {
  make();
  house_.close();
  const std::filesystem::path database = house_.locations().state_directory / store::kDatabaseFile;
  std::filesystem::remove(database);
  for (const char* suffix : {"-wal", "-shm"}) std::ofstream(database.string() + suffix) << "left behind";
  const RestoreReport report = restore(house_.locations(), ExistingState::kRefuse);
  ASSERT_TRUE(report.set_aside);
  EXPECT_EQ(contents(*report.set_aside / "totpilot.db-wal"), "left behind");
  EXPECT_FALSE(std::filesystem::exists(database.string() + "-wal"));
  house_.open_store();
  house_.open();
  EXPECT_EQ(house_.read_everything(), 6);
}

TEST_F(Backup, ThatDoesNotGetInPlaceLeavesTheEpochAsItWas) {
  make();
  house_.close();
  const std::filesystem::path database = house_.locations().state_directory / store::kDatabaseFile;
  std::filesystem::remove(database);
  std::filesystem::create_directory(database);
  const auto outside = [&] {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(house_.locations().escrow()))
      all += contents(entry.path());
    return all;
  };
  const std::string before = outside();
  EXPECT_EQ(outcome_of([&] { restore(house_.locations(), ExistingState::kSetAside); }), Outcome::kStorageFailed);
  EXPECT_EQ(outside(), before);
}

TEST_F(Backup, IsNeverWrittenOverAFile) {
  write("something");
  EXPECT_EQ(outcome_of([&] { make(); }), Outcome::kAlreadyExists);
  EXPECT_EQ(bytes(), "something");
}

TEST_F(Backup, LeavesNothingWhenItsPlaceCannotBeWrittenAndNamesItAsItWasGiven) {
  file_ = house_.path() / "no" / "such" / "directory";
  EXPECT_EQ(outcome_of([&] { make(); }), Outcome::kInvalidInput);
  const std::string words = words_of([&] { make(); });
  EXPECT_NE(words.find(file_.string() + ": cannot be created (No such file"), std::string::npos) << words;
  EXPECT_TRUE(leftovers().empty());
}

TEST_F(Backup, ThatIsNoneIsBadInputAndNotAFaultOfTheDisk) {
  for (const char* junk : {"", "TOT", "a letter to somebody, long enough to be read as a head"}) {
    write(junk);
    EXPECT_EQ(outcome_of([&] { verify(); }), Outcome::kInvalidInput) << junk;
    EXPECT_NE(words_of([&] { verify(); }).find("no backup of totpilot"), std::string::npos) << junk;
  }
  write("TOTPILOT-BACKUP-2\nof another time");
  EXPECT_NE(words_of([&] { verify(); }).find("another version"), std::string::npos);
}

TEST_F(Backup, IsToldFromTheNewerDatabaseInPlaceWithoutChangingIt) {
  make();
  EXPECT_FALSE(verify().age.newest_here > verify().age.newest) << "nothing is newer yet";
  house_.clock().advance(3'600'000);
  house_.furnish_more();
  const auto newest = house_.clock().now();
  const std::string before = contents(house_.locations().state_directory / store::kDatabaseFile);

  const BackupAge age = verify().age;

  EXPECT_EQ(age.newest, newest - std::chrono::hours(1));
  EXPECT_EQ(age.newest_here, newest);
  EXPECT_EQ(age.missing.size(), 1U);
  EXPECT_TRUE(age.replaced.empty());
  EXPECT_EQ(contents(house_.locations().state_directory / store::kDatabaseFile), before);
  EXPECT_TRUE(leftovers().empty());
}

TEST_F(Backup, NamesTheAccountsThatUseAnotherFactorByNow) {
  const AccountId account = house_.store().read(
      [](store::ReadTransaction& transaction) { return store::list_accounts(transaction).at(0).id; });
  const auto use = [&](int number) {
    house_.clock().advance(1000);
    store::FactorRow factor = house_.a_factor(account, number);
    factor.state = store::FactorState::kCandidate;
    house_.store().write([&](store::WriteTransaction& transaction) {
      store::insert_factor(transaction, factor);
      store::make_factor_live(transaction, factor.id, house_.clock().now());
    });
  };
  use(10);
  make();
  EXPECT_TRUE(verify().age.replaced.empty());
  use(11);
  EXPECT_EQ(verify().age.replaced, std::vector<std::string>{"redmine-alice"});
  house_.close();
  EXPECT_EQ(restore(house_.locations(), ExistingState::kSetAside).age.replaced.size(), 1U);
}

TEST_F(Backup, NamesTheEscrowCopiesThatAreNewerAlsoWhereTheDatabaseIsLost) {
  const AccountId account = AccountId::make(house_.clock().now());
  house_.vault().escrow().append({house_.a_factor(account, 1), "removed", "alice", "https://redmine.example"});
  house_.clock().advance(1000);
  make();
  house_.clock().advance(1000);
  const store::FactorRow later = house_.a_factor(account, 2);
  house_.vault().escrow().append({later, "redmine-alice", "alice", "https://redmine.example"});
  house_.reopen();
  house_.close();
  std::filesystem::remove_all(house_.locations().state_directory);

  const BackupAge age = restore(house_.locations(), ExistingState::kRefuse).age;

  ASSERT_EQ(age.copies.size(), 1U) << "a copy of before the backup is no news";
  EXPECT_EQ(age.copies[0].factor, later.id);
  EXPECT_EQ(age.copies[0].account, "redmine-alice");
  EXPECT_EQ(age.newest_here, std::nullopt);
  EXPECT_EQ(age.openings_since, 1);
}

TEST_F(Backup, OfBeforeANewKitSaysThatItNeedsTheKitOfItsTime) {
  const Secret before = house_.vault().make_kit();
  make();
  const Secret after = house_.vault().make_kit();
  std::filesystem::remove(house_.locations().key_file());
  const std::string words = words_of([&] { verify({.passphrase = std::nullopt, .kit = after.duplicate()}); });
  EXPECT_NE(words.find("kit of its time"), std::string::npos) << words;
  EXPECT_EQ(verify({.passphrase = std::nullopt, .kit = before.duplicate()}).secrets_opened, 6);
}

TEST_F(Backup, HoldsNoPlaintextOfTheDatabase) {
  make();
  for (const char* canary : {"redmine-alice", "redmine.example", "SQLite format", "password of alice"})
    EXPECT_EQ(bytes().find(canary), std::string::npos) << canary;
}

TEST_F(Backup, RefusesAChangedByteAnywhere) {
  make();
  const std::string whole = bytes();
  // Every byte of the head, then samples: each costs a decryption.
  for (std::size_t at = 0; at < whole.size(); at += at < 2000 ? 7 : whole.size() / 23) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x20);
    write(changed);
    const Outcome outcome = outcome_of([&] { verify(); });
    // In its first bytes it says that it is a backup.
    const Outcome damaged = at < 18 ? Outcome::kInvalidInput : Outcome::kStorageFailed;
    EXPECT_TRUE(outcome == damaged || outcome == Outcome::kVaultSealed) << at << " " << outcome_name(outcome);
  }
  EXPECT_TRUE(leftovers().empty());
}

TEST_F(Backup, RefusesACutAnAdditionAndExchangedChunks) {
  house_.store().write([&](store::WriteTransaction& transaction) {
    store::SessionRow session{SessionId::make(from_millis(1)), store::list_accounts(transaction).at(0).id, "",
                              from_millis(1)};
    session.sealed_state = house_.vault().seal(session_context(session.id), Secret::copy_of(std::string(100000, 's')));
    store::insert_session(transaction, session);
  });
  make();
  const std::string whole = bytes();
  const std::size_t chunk = kChunkBytes + 16;
  ASSERT_GT(whole.size(), 2 * chunk) << "the database must fill more than two chunks";
  std::vector<std::string> bad = {whole.substr(0, whole.size() - 1), whole.substr(0, whole.size() / 2),
                                  whole.substr(0, 100), whole + "x", whole + whole.substr(whole.size() - chunk)};
  // Where the chunks begin: after the magic, the length and the header.
  std::size_t header = 0;
  for (std::size_t i = 0; i < 4; ++i) header = header << 8U | static_cast<unsigned char>(whole[18 + i]);
  const std::size_t begin = 22 + header;
  bad.push_back(whole.substr(0, begin + chunk));  // cut between two chunks
  bad.push_back(whole.substr(0, begin) + whole.substr(begin + chunk, chunk) + whole.substr(begin, chunk) +
                whole.substr(begin + 2 * chunk));
  bad.push_back(whole.substr(0, begin) + whole.substr(begin + chunk));  // the first left out
  for (std::size_t i = 0; i < bad.size(); ++i) {
    write(bad[i]);
    EXPECT_EQ(outcome_of([&] { verify(); }), Outcome::kStorageFailed) << i;
  }
  write(whole);
  EXPECT_EQ(verify().secrets_opened, 7);
}

TEST_F(Backup, IsConsistentWhileOthersWrite) {
  std::jthread writer([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) house_.furnish_more();
  });
  for (int i = 0; i < 3; ++i) {
    file_ = house_.path() / ("backup" + std::to_string(i));
    make();
    const RestoreReport report = verify();
    // Each account comes with its secrets in one transaction: never a part of them.
    const std::int64_t accounts = report.counts.at(0).rows;
    EXPECT_EQ(report.counts.at(0).table, "accounts");
    EXPECT_EQ(report.secrets_opened, 6 + (accounts - 1) * 2);
  }
}

}  // namespace
}  // namespace totpilot::vault
