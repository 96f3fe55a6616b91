#pragma once
// Store: the database of one state directory. One writer session, used by one thread at a time, which alone
// checkpoints; readers on sessions of their own. All blocking; any thread of the pool. Hold the StateLock of the
// directory while a Store is open.
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "agent/base/failure.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

/// COMMIT gave an error, which is not a rollback: the change may be on the disk or not. The session was closed, opened
/// again and checked. The caller reads what holds, by the ids it used, and only then decides.
class DoubtfulCommit : public Failure {
 public:
  explicit DoubtfulCommit(const std::string& why);
};

struct StoreSettings {
  std::filesystem::path state_directory;
  std::chrono::milliseconds busy_timeout{5000};
};

inline constexpr const char* kDatabaseFile = "totpilot.db";

class Store {
 public:
  /// Makes the directory (0700) and the database (0600) where there is none, migrates an older one after copying it to
  /// backups/, and refuses a newer one. Throws storage_failed.
  static std::unique_ptr<Store> open(const StoreSettings& settings);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Runs `work` in BEGIN IMMEDIATE ... COMMIT and returns what it returned, once that is on the disk. Rolls back when
  /// `work` throws. Throws DoubtfulCommit, storage_failed or busy. Not to be nested: a write within a write or read of
  /// the same thread is a bug (internal).
  template <class Work>
  auto write(Work&& work) -> std::invoke_result_t<Work, WriteTransaction&> {
    using Result = std::invoke_result_t<Work, WriteTransaction&>;
    if constexpr (std::is_void_v<Result>) {
      run_write([&](WriteTransaction& transaction) { work(transaction); });
    } else {
      std::optional<Result> result;
      run_write([&](WriteTransaction& transaction) { result.emplace(work(transaction)); });
      return std::move(*result);
    }
  }

  /// Runs `work` on one snapshot, on a connection that is not the writer's: what it sees was committed.
  template <class Work>
  auto read(Work&& work) -> std::invoke_result_t<Work, ReadTransaction&> {
    using Result = std::invoke_result_t<Work, ReadTransaction&>;
    if constexpr (std::is_void_v<Result>) {
      run_read([&](ReadTransaction& transaction) { work(transaction); });
    } else {
      std::optional<Result> result;
      run_read([&](ReadTransaction& transaction) { result.emplace(work(transaction)); });
      return std::move(*result);
    }
  }

  /// Moves the whole write-ahead log into the database and empties it, so that deleted rows are gone from the disk too.
  /// Done by itself after a transaction that asked for it (WriteTransaction::scrub_after_commit).
  void truncate_log();

  /// A consistent copy of the database in a new file (0600), while others write. Refuses (already_exists) a file that
  /// is there.
  void copy_to(const std::filesystem::path& file);

  /// SQLite's own check of every page and index; storage_failed when it finds something.
  void check_integrity();

  /// The schema this program knows, and the one of the open database (equal after open()).
  static int known_schema();
  const std::filesystem::path& state_directory() const;

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  void run_write(const std::function<void(WriteTransaction&)>& work);
  void run_read(const std::function<void(ReadTransaction&)>& work);

  std::unique_ptr<Impl> impl_;
};

}  // namespace totpilot::store
