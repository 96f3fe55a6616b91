#pragma once
// A store with a chain of records about nothing in particular, and a way to meddle with its database.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <array>
#include <fstream>
#include <memory>

#include "agent/audit/chain.h"
#include "agent/audit/verify.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/store/scratch.h"

namespace totpilot::audit {

/// The file as one has it who has neither the program nor the key.
class Database {
 public:
  explicit Database(const std::filesystem::path& file) { EXPECT_EQ(sqlite3_open(file.c_str(), &handle_), SQLITE_OK); }
  ~Database() { sqlite3_close(handle_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void run(const std::string& sql) const {
    EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle_);
  }
  void set(std::string_view column, const std::string& text, std::int64_t sequence) const {
    run(fmt::format("UPDATE audit_records SET {} = '{}' WHERE sequence = {}", column, text, sequence));
  }

 private:
  sqlite3* handle_ = nullptr;
};

class Trail : public testing::Test {
 protected:
  Trail() { open(); }

  Secret key() const { return Secret(std::string("0123456789abcdef0123456789abcdef")); }
  void close() {
    chain_.reset();
    store_.reset();
  }
  void open() {
    close();
    store_ = scratch_.open();
    chain_ = std::make_shared<Chain>(*store_, clock_, ChainSettings{key(), stream_});
  }
  static Entry entry(int number) {
    return {.who = "member:anna",
            .act = "code.get",
            .account = "acc_1",
            .object = "fac_1",
            .outcome = "ok",
            .detail = {{"number", number}}};
  }
  void append(int count) {
    for (int i = 0; i < count; ++i) {
      const std::array one = {entry(i)};
      chain_->append(one);
      clock_.move(std::chrono::seconds(1));
    }
  }
  Verdict verdict() { return verify(*store_, key(), stream_); }
  std::string first_break() {
    const Verdict now = verdict();
    return now.whole() ? "" : std::to_string(now.breaks.front().sequence) + ": " + now.breaks.front().what;
  }
  void meddle(const std::string& sql) {
    close();
    {
      const Database database(scratch_.state() / store::kDatabaseFile);
      database.run(sql);
    }
    store_ = scratch_.open();
  }
  std::filesystem::path checkpoints() const { return scratch_.state() / kCheckpointFile; }

  store::Scratch scratch_;
  fakes::FakeClock clock_{store::at(0)};
  std::string stream_;
  std::unique_ptr<store::Store> store_;
  std::shared_ptr<Chain> chain_;
};

}  // namespace totpilot::audit
