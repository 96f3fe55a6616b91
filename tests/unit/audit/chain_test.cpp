#include <gmock/gmock.h>

#include "agent/base/file.h"
#include "tests/unit/audit/trail.h"
#include "tests/unit/store/faulty_disk.h"

namespace totpilot::audit {
namespace {

using testing::HasSubstr;

TEST_F(Trail, AnUntouchedChainIsWholeAlsoOverRestarts) {
  append(3);
  open();
  append(3);
  const Verdict now = verdict();
  EXPECT_TRUE(now.whole()) << first_break();
  EXPECT_EQ(now.records, 6);
  EXPECT_EQ(now.chains, 1);
  EXPECT_EQ(now.checkpoints, 6);
}

/// The column of a record, and the same with each of its bytes changed in turn.
struct Column {
  std::string_view name;
  std::string store::AuditRow::* text;
};
constexpr std::array kColumns = {
    Column{"who", &store::AuditRow::who},           Column{"act", &store::AuditRow::act},
    Column{"account", &store::AuditRow::account},   Column{"object", &store::AuditRow::object},
    Column{"outcome", &store::AuditRow::outcome},   Column{"detail", &store::AuditRow::detail},
    Column{"previous", &store::AuditRow::previous}, Column{"hash", &store::AuditRow::hash},
    Column{"writer", &store::AuditRow::writer}};

TEST_F(Trail, AnyByteOfAnyFieldOfAnyRecordThatIsChangedIsFound) {
  append(3);
  const auto rows = store_->read([&](store::ReadTransaction& transaction) {
    return store::list_audit_chain(transaction, chain_->writer(), 0, 10);
  });
  close();
  const Database database(scratch_.state() / store::kDatabaseFile);
  store_ = scratch_.open();
  int tried = 0;
  for (const store::AuditRow& row : rows)
    for (const Column& column : kColumns)
      for (std::size_t i = 0; i < (row.*column.text).size(); ++i, ++tried) {
        std::string changed = row.*column.text;
        changed[i] = changed[i] == 'x' ? 'y' : 'x';
        database.set(column.name, changed, row.sequence);
        EXPECT_FALSE(verdict().whole()) << column.name << " of " << row.sequence << ", byte " << i;
        database.run("UPDATE audit_records SET writer = '" + row.writer + "'");
        database.set(column.name, row.*column.text, row.sequence);
      }
  EXPECT_GT(tried, 500);
  database.run("UPDATE audit_records SET at = at + 1 WHERE sequence = 2");
  EXPECT_THAT(first_break(), HasSubstr("2: the record was changed"));
  database.run("UPDATE audit_records SET at = at - 1 WHERE sequence = 2");
  EXPECT_TRUE(verdict().whole()) << first_break();
}

TEST_F(Trail, ARecordThatWasDeletedIsFoundWhereItStood) {
  append(5);
  meddle("DELETE FROM audit_records WHERE sequence = 3");
  EXPECT_THAT(first_break(), HasSubstr("3: the record is missing"));
}

TEST_F(Trail, RecordsThatChangedPlacesAreFound) {
  append(5);
  meddle(
      "UPDATE audit_records SET sequence = 99 WHERE sequence = 2; UPDATE audit_records SET sequence = 2 WHERE sequence "
      "= 3; UPDATE audit_records SET sequence = 3 WHERE sequence = 99");
  EXPECT_EQ(first_break().substr(0, 2), "2:");
}

TEST_F(Trail, AnEndThatWasCutOffIsFoundByTheCheckpoint) {
  append(5);
  meddle("DELETE FROM audit_records WHERE sequence > 2");
  EXPECT_THAT(first_break(), HasSubstr("3: the end was cut off: a checkpoint knows of 5 records"));
}

TEST_F(Trail, AChainThatWasDeletedWholeIsFound) {
  append(5);
  meddle("DELETE FROM audit_records; DELETE FROM settings WHERE name = 'audit.writer'");
  EXPECT_THAT(first_break(), HasSubstr("1: the end was cut off"));
}

TEST_F(Trail, ADatabaseBehindItsCheckpointBeginsANewChainAndSaysWhy) {
  append(5);
  const std::string before = chain_->writer();
  meddle("DELETE FROM audit_records WHERE sequence > 2");
  open();
  append(4);
  EXPECT_NE(chain_->writer(), before);
  const auto began = store_->read(
      [&](store::ReadTransaction& transaction) { return *store::find_audit_record(transaction, chain_->writer(), 1); });
  EXPECT_EQ(began.act, "audit.chain_began");
  EXPECT_EQ(began.object, before);
  // What is written since does not cover up what was cut.
  EXPECT_THAT(first_break(), HasSubstr("the end was cut off"));
}

TEST_F(Trail, WhoHasTheDatabaseAndNotTheKeyCannotAddARecord) {
  append(2);
  store::AuditRow forged;
  forged.sequence = 3;
  close();
  store_ = scratch_.open();
  store_->write([&](store::WriteTransaction& transaction) {
    forged.writer = store::list_audit_writers(transaction).front();
    forged.previous = store::last_audit_record(transaction, forged.writer)->hash;
    forged.detail = "{}";
    forged.hash = hash_of(Secret(std::string("another key")), forged);
    store::insert_audit_record(transaction, forged);
  });
  EXPECT_THAT(first_break(), HasSubstr("3: the record was changed"));
}

TEST_F(Trail, ACheckpointThatWasChangedIsFound) {
  append(3);
  std::string text = read_file(checkpoints(), 1 << 20);
  text[text.find("\"sequence\":2") + 11] = '7';
  std::ofstream(checkpoints(), std::ios::binary) << text;
  EXPECT_THAT(first_break(), HasSubstr("line 2: was changed"));
}

TEST_F(Trail, ACheckpointWithoutItsEndIsNoBreakAndTheNextStandsOnALineOfItsOwn) {
  append(3);
  close();
  std::ofstream(checkpoints(), std::ios::binary | std::ios::app) << "{\"writer\":\"0";
  open();
  append(1);
  EXPECT_TRUE(verdict().whole()) << first_break();
}

TEST_F(Trail, ALongFileOfCheckpointsKeepsTheLastOfEachChain) {
  append(1200);
  ASSERT_GT(std::filesystem::file_size(checkpoints()), 256U * 1024U);
  open();
  EXPECT_LT(std::filesystem::file_size(checkpoints()), 1024U);
  append(1);
  EXPECT_TRUE(verdict().whole());
  meddle("DELETE FROM audit_records WHERE sequence > 1100");
  EXPECT_THAT(first_break(), HasSubstr("1101: the end was cut off"));
}

TEST_F(Trail, AStreamElsewhereShowsACutAlsoWhenTheCheckpointsAreGone) {
  stream_ = (scratch_.path() / "elsewhere").string();
  open();
  append(5);
  meddle("DELETE FROM audit_records WHERE sequence > 2");
  std::filesystem::remove(checkpoints());
  EXPECT_THAT(first_break(), HasSubstr("the end was cut off"));
  EXPECT_THAT(read_file(stream_, 1 << 20), HasSubstr("\"act\":\"code.get\",\"account\":\"acc_1\""));
}

TEST_F(Trail, AStreamThatCannotBeWrittenFailsTheAct) {
  stream_ = "/dev/full";
  open();
  const std::array one = {entry(1)};
  EXPECT_EQ(store::outcome_of([&] { chain_->append(one); }), Outcome::kStorageFailed);
}

TEST(FullDisk, FailsTheActInsteadOfLosingItsRecordAndGoesOnLater) {
  store::FaultyDisk disk;
  store::Scratch scratch;
  const fakes::FakeClock clock{store::at(0)};
  const auto store = scratch.open();
  const Secret key(std::string("key"));
  Chain chain(*store, clock, {key.duplicate(), ""});
  const std::array one = {Entry{.who = "a", .act = "code.get", .account = {}, .object = {}, .outcome = "ok"}};
  chain.append(one);
  disk.fail_write(0, "-wal", true);
  EXPECT_NE(store::outcome_of([&] { chain.append(one); }), Outcome::kOk);
  disk.heal();
  chain.append(one);
  const Verdict now = verify(*store, key, {});
  EXPECT_TRUE(now.whole());
  EXPECT_EQ(now.records, 2);
}

}  // namespace
}  // namespace totpilot::audit
