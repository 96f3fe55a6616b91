#pragma once
// Connection: one SOCI session over SQLite, set up the way this room needs it. Private to the room: no other includes
// SOCI. Errors leave as Failure, mapped by SQLite's code; soci_error::what() quotes bound values and is never let out.
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include "agent/base/failure.h"

namespace totpilot::store {

enum class ConnectionRole {
  kWriter,  // the one that writes and checkpoints
  kReader,  // never writes, never checkpoints, also not when it is closed
  kCopy,    // fills a new file that stands alone
};

class Connection {
 public:
  Connection(const std::filesystem::path& file, ConnectionRole role, std::chrono::milliseconds busy_timeout);
  ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  soci::session& session() { return session_; }
  sqlite_api::sqlite3* handle() const { return handle_; }

  /// A statement without parameters and without rows that matter.
  void execute(const char* sql);
  /// The same, for cleaning up after another error: false instead of a Failure.
  bool try_execute(const char* sql) noexcept;
  /// The first column of the first row; empty when there is none.
  std::string value_of(const char* sql);
  std::int64_t changes() const { return sqlite_api::sqlite3_changes64(handle_); }
  bool in_transaction() const { return sqlite_api::sqlite3_get_autocommit(handle_) == 0; }

  /// The Failure for the last error of this connection. Notes whether the connection can still be trusted.
  Failure failure();
  /// An I/O error, a full disk or a damaged page was met: close and open again before the next use.
  bool poisoned() const { return poisoned_; }
  /// Closing will leave the log as it is.
  void keep_log_on_close();

 private:
  void configure(ConnectionRole role, std::chrono::milliseconds busy_timeout);

  soci::session session_;
  sqlite_api::sqlite3* handle_ = nullptr;
  bool poisoned_ = false;
};

}  // namespace totpilot::store
