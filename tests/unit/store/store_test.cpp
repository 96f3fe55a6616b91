#include "agent/store/store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "agent/base/file.h"
#include "agent/store/connection.h"
#include "agent/store/migrations.h"
#include "agent/store/query.h"
#include "agent/store/settings.h"
#include "tests/unit/store/scratch.h"

namespace totpilot::store {
namespace {

unsigned mode_of(const std::filesystem::path& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777U : 0U;
}

std::optional<std::string> setting(Store& store, std::string_view name) {
  return store.read([&](ReadTransaction& transaction) { return find_setting(transaction, name); });
}

void set(Store& store, std::string_view name, std::string_view value) {
  store.write([&](WriteTransaction& transaction) { set_setting(transaction, name, value); });
}

std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Store, MakesItsFilesPrivateWhateverTheUmask) {
  const Scratch scratch;
  const mode_t before = ::umask(0);
  const auto store = scratch.open();
  set(*store, "a", "b");
  ::umask(before);
  EXPECT_EQ(mode_of(scratch.state()), 0700U);
  for (const char* name : {"totpilot.db", "totpilot.db-wal", "totpilot.db-shm"})
    EXPECT_EQ(mode_of(scratch.state() / name), 0600U) << name;
}

TEST(Store, RefusesADatabaseThatOthersMayRead) {
  const Scratch scratch;
  scratch.open().reset();
  std::filesystem::permissions(scratch.state() / kDatabaseFile, std::filesystem::perms(0640));
  EXPECT_EQ(outcome_of([&] { scratch.open(); }), Outcome::kStorageFailed);
}

TEST(Store, KeepsWhatWasCommittedAndNothingElse) {
  const Scratch scratch;
  {
    const auto store = scratch.open();
    set(*store, "kept", "1");
    EXPECT_EQ(outcome_of([&] {
                store->write([](WriteTransaction& transaction) {
                  set_setting(transaction, "lost", "1");
                  throw Failure(Outcome::kCancelled, "no");
                });
              }),
              Outcome::kCancelled);
  }
  const auto store = scratch.open();
  EXPECT_EQ(setting(*store, "kept"), "1");
  EXPECT_EQ(setting(*store, "lost"), std::nullopt);
}

TEST(Store, KeepsTextAsItIs) {
  const Scratch scratch;
  const auto store = scratch.open();
  const std::string odd = "it's; -- :name\n\"two\"\t\xC3\xA4 \xF0\x9F\x94\x91";
  set(*store, odd, odd);
  EXPECT_EQ(setting(*store, odd), odd);
}

TEST(Store, LetsAReaderSeeOneSnapshotWhileAnotherWrites) {
  const Scratch scratch;
  const auto store = scratch.open();
  set(*store, "value", "old");
  store->read([&](ReadTransaction& transaction) {
    EXPECT_EQ(find_setting(transaction, "value"), "old");
    std::thread writer([&] { set(*store, "value", "new"); });
    writer.join();
    EXPECT_EQ(find_setting(transaction, "value"), "old");
  });
  EXPECT_EQ(setting(*store, "value"), "new");
}

TEST(Store, RefusesAWriteWithinATransactionOfTheSameThread) {
  const Scratch scratch;
  const auto store = scratch.open();
  EXPECT_EQ(outcome_of([&] { store->write([&](WriteTransaction&) { set(*store, "a", "b"); }); }), Outcome::kInternal);
  EXPECT_EQ(outcome_of([&] { store->read([&](ReadTransaction&) { set(*store, "a", "b"); }); }), Outcome::kInternal);
  set(*store, "a", "c");
  EXPECT_EQ(setting(*store, "a"), "c");
}

TEST(Store, SerializesWritersFromManyThreads) {
  const Scratch scratch;
  const auto store = scratch.open();
  set(*store, "count", "0");
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 10; ++k)
        store->write([](WriteTransaction& transaction) {
          set_setting(transaction, "count", std::to_string(std::stoi(*find_setting(transaction, "count")) + 1));
        });
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(setting(*store, "count"), "80");
}

TEST(Store, NeverLetsABoundValueIntoAMessage) {
  const Scratch scratch;
  const auto store = scratch.open();
  for (const char* sql : {"INSERT INTO attempts (account, kind, by, at) VALUES (:a, 'code', '', 0)",
                          "INSERT INTO attempts (account, kind, by, at) VALUES ('', :a, '', 0)",
                          "INSERT INTO no_such_table VALUES (:a)", "not even SQL :a"}) {
    try {
      store->write([&](WriteTransaction& transaction) { Query(transaction, sql).with("canary-4711").run(); });
      FAIL() << sql;
    } catch (const std::exception& error) {
      EXPECT_EQ(std::string(error.what()).find("canary"), std::string::npos) << error.what();
    }
  }
}

TEST(Store, EmptiesItsLogAfterADeletionThatAskedForIt) {
  const Scratch scratch;
  const auto store = scratch.open();
  AccountRow account = an_account();
  account.sealed_password = "CANARY-SEALED-4711";
  store->write([&](WriteTransaction& transaction) { insert_account(transaction, account); });
  const auto everywhere = [&] {
    return contents(scratch.state() / "totpilot.db") + contents(scratch.state() / "totpilot.db-wal");
  };
  // Reading the files while the store is open would drop its POSIX locks; nothing uses it in between here.
  ASSERT_NE(everywhere().find("CANARY-SEALED-4711"), std::string::npos);
  store->write([&](WriteTransaction& transaction) { delete_account(transaction, account.id); });
  EXPECT_EQ(everywhere().find("CANARY-SEALED-4711"), std::string::npos);
}

TEST(Store, CopiesItselfWhileOthersWrite) {
  const Scratch scratch;
  const auto store = scratch.open();
  set(*store, "a", "0");
  set(*store, "b", "0");
  std::jthread writer([&](const std::stop_token& stop) {
    for (int i = 1; !stop.stop_requested(); ++i)
      store->write([&](WriteTransaction& transaction) {
        set_setting(transaction, "a", std::to_string(i));
        set_setting(transaction, "b", std::to_string(i));
      });
  });
  for (int i = 0; i < 5; ++i) {
    const std::filesystem::path copy = scratch.path() / ("copy" + std::to_string(i)) / kDatabaseFile;
    std::filesystem::create_directory(copy.parent_path());
    std::filesystem::permissions(copy.parent_path(), std::filesystem::perms(0700));
    store->copy_to(copy);
    EXPECT_EQ(mode_of(copy), 0600U);
    EXPECT_FALSE(std::filesystem::exists(copy.string() + "-wal"));
    const auto opened = Store::open({.state_directory = copy.parent_path()});
    opened->check_integrity();
    EXPECT_EQ(setting(*opened, "a"), setting(*opened, "b"));
    EXPECT_EQ(outcome_of([&] { store->copy_to(copy); }), Outcome::kAlreadyExists);
  }
}

TEST(Store, KeepsItsSafetySettingsOnEveryConnection) {
  const Scratch scratch;
  const auto store = scratch.open();
  store->write([](WriteTransaction& transaction) {
    Connection& writer = transaction.connection();
    EXPECT_EQ(writer.value_of("PRAGMA journal_mode"), "wal");
    EXPECT_EQ(writer.value_of("PRAGMA synchronous"), "2");
    EXPECT_EQ(writer.value_of("PRAGMA foreign_keys"), "1");
    EXPECT_EQ(writer.value_of("PRAGMA secure_delete"), "1");
    EXPECT_EQ(writer.value_of("PRAGMA trusted_schema"), "0");
    EXPECT_EQ(writer.value_of("PRAGMA mmap_size"), "0");
    EXPECT_EQ(writer.value_of("PRAGMA busy_timeout"), "200");
    EXPECT_EQ(outcome_of([&] { writer.execute("SELECT load_extension('x')"); }), Outcome::kInternal);
    EXPECT_EQ(outcome_of([&] { writer.execute("CREATE TABLE sqlite_x (a)"); }), Outcome::kInternal);
  });
  store->read([](ReadTransaction& transaction) {
    Connection& reader = transaction.connection();
    EXPECT_EQ(reader.value_of("PRAGMA wal_autocheckpoint"), "0");
    EXPECT_EQ(reader.value_of("PRAGMA query_only"), "1");
    EXPECT_NE(outcome_of([&] { reader.execute("DELETE FROM settings"); }), Outcome::kOk);
  });
}

TEST(Migrations, AreNumberedWithoutGaps) {
  int expected = 1;
  for (const Migration& migration : all_migrations()) EXPECT_EQ(migration.version, expected++);
  EXPECT_EQ(Store::known_schema(), expected - 1);
}

TEST(Migrations, BringADatabaseOfTheFirstSchemaToTheNewestWithItsRows) {
  const Scratch scratch;
  make_private_directory(scratch.state());
  const std::filesystem::path file = scratch.state() / kDatabaseFile;
  std::ofstream(file).close();
  std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  {
    Connection writer(file, ConnectionRole::kWriter, std::chrono::milliseconds(200));
    migrate(writer, all_migrations().first(1), [](int) {});
    writer.execute(
        "INSERT INTO accounts VALUES ('acc_1', 'old', 'alice', 'https://app.example', '', '[]', 0, 'sealed', '', '', "
        "'[]', '', 0, NULL, 1, 1)");
    writer.execute(
        "INSERT INTO jobs VALUES ('job_1', 'acc_1', 'enroll', 'done', 'ok', '', '', '', 1, NULL, 0, 1, 1, 2)");
  }
  const auto store = scratch.open();
  store->read([](ReadTransaction& transaction) {
    EXPECT_EQ(find_account_by_name(transaction, "old")->sealed_password, "sealed");
    for (const TableCount& count : count_rows(transaction))
      EXPECT_EQ(count.rows, count.table == "accounts" || count.table == "jobs" ? 1 : 0) << count.table;
  });
  EXPECT_FALSE(std::filesystem::is_empty(scratch.state() / "backups"));
}

TEST(Migrations, RefuseANewerSchemaAndLeaveItAlone) {
  const Scratch scratch;
  scratch.open().reset();
  {
    Connection writer(scratch.state() / kDatabaseFile, ConnectionRole::kWriter, std::chrono::milliseconds(0));
    writer.execute("PRAGMA user_version = 9000");
  }
  try {
    scratch.open();
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Outcome::kStorageFailed);
    EXPECT_NE(failure.message().find("9000"), std::string::npos);
  }
  Connection writer(scratch.state() / kDatabaseFile, ConnectionRole::kWriter, std::chrono::milliseconds(0));
  EXPECT_EQ(writer.value_of("PRAGMA user_version"), "9000");
}

TEST(Migrations, RefuseADatabaseOfAnotherProgram) {
  const Scratch scratch;
  std::filesystem::create_directory(scratch.state());
  std::filesystem::permissions(scratch.state(), std::filesystem::perms(0700));
  {
    Connection other(scratch.state() / kDatabaseFile, ConnectionRole::kWriter, std::chrono::milliseconds(0));
    other.execute("CREATE TABLE theirs (a)");
  }
  std::filesystem::permissions(scratch.state() / kDatabaseFile, std::filesystem::perms(0600));
  EXPECT_EQ(outcome_of([&] { scratch.open(); }), Outcome::kStorageFailed);
}

TEST(Migrations, CopyBeforeTheFirstChangeToAnOlderSchemaOnly) {
  const Scratch scratch;
  const std::vector<Migration> migrations = {{1, "one", {"CREATE TABLE one (a)"}},
                                             {2, "two", {"CREATE TABLE two (a)"}},
                                             {3, "three", {"CREATE TABLE three (a)"}}};
  Connection writer(scratch.path() / "x.db", ConnectionRole::kWriter, std::chrono::milliseconds(0));
  std::vector<int> copies;
  const auto note = [&](int version) { copies.push_back(version); };
  migrate(writer, std::span(migrations).first(1), note);
  EXPECT_TRUE(copies.empty());
  migrate(writer, migrations, note);
  EXPECT_EQ(copies, std::vector<int>{1});
  migrate(writer, migrations, note);
  EXPECT_EQ(copies, std::vector<int>{1});
  EXPECT_EQ(writer.value_of("PRAGMA user_version"), "3");
}

TEST(Migrations, AreWholeOrNotThere) {
  const Scratch scratch;
  Connection writer(scratch.path() / "x.db", ConnectionRole::kWriter, std::chrono::milliseconds(0));
  const std::vector<Migration> broken = {{1, "one", {"CREATE TABLE one (a)"}},
                                         {2, "two", {"CREATE TABLE two (a)", "CREATE TABLE one (a)"}}};
  EXPECT_NE(outcome_of([&] { migrate(writer, broken, [](int) {}); }), Outcome::kOk);
  EXPECT_EQ(writer.value_of("PRAGMA user_version"), "1");
  EXPECT_EQ(writer.value_of("SELECT group_concat(name) FROM sqlite_schema"), "one");
}

}  // namespace
}  // namespace totpilot::store
