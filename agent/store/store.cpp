#include "agent/store/store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <vector>

#include "agent/base/clock.h"
#include "agent/base/file.h"
#include "agent/base/log.h"
#include "agent/base/unique_fd.h"
#include "agent/store/connection.h"
#include "agent/store/migrations.h"

namespace totpilot::store {
namespace {

constexpr std::size_t kIdleReaders = 4;

// Which stores this thread is in a transaction of; one deep in practice.
thread_local int writes_of_this_thread = 0;
thread_local int reads_of_this_thread = 0;

class Depth {
 public:
  explicit Depth(int& depth) : depth_(depth) { ++depth_; }
  ~Depth() { --depth_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

 private:
  int& depth_;
};

/// SQLite would create it with the process's umask; its log and index take their mode from it.
void create_private(const std::filesystem::path& file) {
  const UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (fd) return;
  if (errno == EEXIST) throw Failure(Outcome::kAlreadyExists, fmt::format("{}: is there already", file.string()));
  throw Failure(Outcome::kStorageFailed, fmt::format("{}: cannot be created", file.string()));
}

/// SQLite itself overlooks a failing directory sync: a new file, also a new log, could vanish with the power.
void sync_parent(const std::filesystem::path& file) { sync_directory(file.parent_path()); }

void copy_database(Connection& source, const std::filesystem::path& file) {
  create_private(file);
  try {
    Connection target(file, ConnectionRole::kCopy, std::chrono::milliseconds(0));
    sqlite_api::sqlite3_backup* backup =
        sqlite_api::sqlite3_backup_init(target.handle(), "main", source.handle(), "main");
    if (backup == nullptr) throw target.failure();
    // In one step: a reader's snapshot does not stop the writer, and a stepwise copy starts anew with each foreign
    // write.
    sqlite_api::sqlite3_backup_step(backup, -1);
    if (sqlite_api::sqlite3_backup_finish(backup) != SQLITE_OK) throw target.failure();
    // One file that stands alone, without a log beside it.
    if (target.value_of("PRAGMA journal_mode = DELETE") != "delete")
      throw Failure(Outcome::kStorageFailed, fmt::format("{}: the copy cannot be closed", file.string()));
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    throw;
  }
  sync_parent(file);
}

std::filesystem::path migration_copy(const std::filesystem::path& state_directory, int version) {
  const std::filesystem::path directory = state_directory / "backups";
  make_private_directory(directory);
  const auto now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  std::string stamp = to_iso(now);
  std::erase_if(stamp, [](char c) { return c == ':' || c == '-' || c == '.'; });
  return directory / fmt::format("schema-{}-{}.db", version, stamp);
}

}  // namespace

DoubtfulCommit::DoubtfulCommit(const std::string& why)
    : Failure(Outcome::kStorageFailed, "it is not known whether a change was saved: " + why,
              "check the disk, then totpilot check ACCOUNT") {}

class Store::Impl {
 public:
  explicit Impl(const StoreSettings& settings) : settings_(settings), file_(settings.state_directory / kDatabaseFile) {
    make_private_directory(settings_.state_directory);
    if (!std::filesystem::exists(file_)) create_private(file_);
    require_private_file(file_);
    writer_ = open_writer();
    migrate(*writer_, all_migrations(),
            [&](int version) { copy_database(*writer_, migration_copy(settings_.state_directory, version)); });
    sync_parent(file_);
    require_private_siblings();
  }

  ~Impl() {
    // The readers first: the writer, closed last, moves the log into the database.
    idle_.clear();
    writer_.reset();
  }

  void write(const std::function<void(WriteTransaction&)>& work) {
    if (writes_of_this_thread > 0 || reads_of_this_thread > 0)
      throw Failure(Outcome::kInternal, "a write transaction was begun inside another transaction");
    const Depth depth(writes_of_this_thread);
    const std::lock_guard lock(write_mutex_);
    require_writer();
    writer_->execute("BEGIN IMMEDIATE");
    WriteTransaction transaction(*writer_);
    try {
      work(transaction);
    } catch (...) {
      roll_back();
      throw;
    }
    commit();
    if (transaction.scrub()) truncate();
  }

  void read(const std::function<void(ReadTransaction&)>& work) {
    const Depth depth(reads_of_this_thread);
    Reader reader = take_reader();
    reader.connection->execute("BEGIN");
    ReadTransaction transaction(*reader.connection);
    try {
      work(transaction);
    } catch (...) {
      give_back(std::move(reader));
      throw;
    }
    give_back(std::move(reader));
  }

  void truncate_log() {
    const std::lock_guard lock(write_mutex_);
    require_writer();
    truncate();
  }

  void copy_to(const std::filesystem::path& file) {
    Reader reader = take_reader();
    copy_database(*reader.connection, file);
    give_back(std::move(reader));
  }

  void check_integrity() {
    Reader reader = take_reader();
    const std::string verdict = reader.connection->value_of("PRAGMA integrity_check(1)");
    give_back(std::move(reader));
    if (verdict != "ok")
      throw Failure(Outcome::kStorageFailed, "the database is damaged", "restore the latest backup: totpilot restore");
  }

  const std::filesystem::path& state_directory() const { return settings_.state_directory; }

 private:
  struct Reader {
    std::unique_ptr<Connection> connection;
    int generation = 0;
  };

  std::unique_ptr<Connection> open_writer() {
    return std::make_unique<Connection>(file_, ConnectionRole::kWriter, settings_.busy_timeout);
  }

  void require_private_siblings() const {
    for (const char* suffix : {"-wal", "-shm"}) {
      const std::filesystem::path sibling = file_.string() + suffix;
      if (std::filesystem::exists(sibling)) require_private_file(sibling);
    }
  }

  void require_writer() {
    if (writer_ == nullptr || writer_->poisoned()) reopen();
  }

  void roll_back() {
    // Where it fails, closing rolls back.
    if (writer_->in_transaction() && !writer_->try_execute("ROLLBACK")) drop_writer();
  }

  /// safety.md I7: after an error here the change may be on the disk or not.
  void commit() {
    try {
      writer_->execute("COMMIT");
    } catch (const Failure& failure) {
      if (failure.code() == Outcome::kBusy && writer_->in_transaction()) {
        // Not begun: SQLite keeps the transaction open and nothing was written.
        roll_back();
        throw;
      }
      const std::string why = failure.message();
      drop_writer();
      try {
        reopen();
      } catch (const Failure& again) {
        throw DoubtfulCommit(why + "; then " + again.message());
      }
      throw DoubtfulCommit(why);
    }
  }

  void drop_writer() {
    if (writer_ != nullptr) writer_->keep_log_on_close();
    writer_.reset();
    const std::lock_guard lock(reader_mutex_);
    idle_.clear();
    ++generation_;
  }

  /// What is readable now is what holds; the checkpoint writes and syncs it anew, because after a failed sync the
  /// kernel may call pages clean that never reached the disk.
  void reopen() {
    drop_writer();
    std::unique_ptr<Connection> fresh = open_writer();
    if (fresh->value_of("PRAGMA quick_check(1)") != "ok")
      throw Failure(Outcome::kStorageFailed, "the database is damaged", "restore the latest backup: totpilot restore");
    fresh->execute("PRAGMA wal_checkpoint(TRUNCATE)");
    writer_ = std::move(fresh);
    log::warn("the database was opened anew after an error of the disk");
  }

  void truncate() {
    try {
      if (writer_->value_of("PRAGMA wal_checkpoint(TRUNCATE)") != "0")
        log::info(
            "the database's log is still read by another; what was deleted leaves the disk with the next checkpoint");
    } catch (const Failure& failure) {
      // The commit before it stands; only its cleaning is late.
      log::warn("the database's log could not be emptied: {}", failure.message());
    }
  }

  Reader take_reader() {
    {
      const std::lock_guard lock(reader_mutex_);
      if (!idle_.empty()) {
        Reader reader = std::move(idle_.back());
        idle_.pop_back();
        return reader;
      }
    }
    Reader reader;
    {
      const std::lock_guard lock(reader_mutex_);
      reader.generation = generation_;
    }
    reader.connection = std::make_unique<Connection>(file_, ConnectionRole::kReader, settings_.busy_timeout);
    return reader;
  }

  void give_back(Reader reader) {
    if (reader.connection->in_transaction() && !reader.connection->try_execute("COMMIT")) return;
    const std::lock_guard lock(reader_mutex_);
    if (!reader.connection->poisoned() && reader.generation == generation_ && idle_.size() < kIdleReaders)
      idle_.push_back(std::move(reader));
  }

  const StoreSettings settings_;
  const std::filesystem::path file_;
  std::mutex write_mutex_;
  std::unique_ptr<Connection> writer_;  // under write_mutex_
  std::mutex reader_mutex_;
  std::vector<Reader> idle_;  // under reader_mutex_
  int generation_ = 0;        // under reader_mutex_
};

std::unique_ptr<Store> Store::open(const StoreSettings& settings) {
  return std::unique_ptr<Store>(new Store(std::make_unique<Impl>(settings)));
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

void Store::run_write(const std::function<void(WriteTransaction&)>& work) { impl_->write(work); }
void Store::run_read(const std::function<void(ReadTransaction&)>& work) { impl_->read(work); }
void Store::truncate_log() { impl_->truncate_log(); }
void Store::copy_to(const std::filesystem::path& file) { impl_->copy_to(file); }
void Store::check_integrity() { impl_->check_integrity(); }
int Store::known_schema() { return all_migrations().back().version; }
const std::filesystem::path& Store::state_directory() const { return impl_->state_directory(); }

}  // namespace totpilot::store
