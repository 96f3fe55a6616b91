#include "agent/store/connection.h"

#include <fmt/format.h>

namespace totpilot::store {
namespace {

using namespace sqlite_api;  // NOLINT: SOCI puts the whole C interface there

std::string connect_string(const std::filesystem::path& file) {
  if (file.string().find('"') != std::string::npos)
    throw Failure(Outcome::kInvalidInput, "the state directory's name has a quotation mark");
  return fmt::format("db=\"{}\"", file.string());
}

Failure failure_of(int extended) {
  switch (extended & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Failure(Outcome::kBusy, "the database is held by another process");
    case SQLITE_CONSTRAINT:
      if (extended == SQLITE_CONSTRAINT_FOREIGNKEY)
        return Failure(Outcome::kNotFound, "what this belongs to is not there (any more)");
      if (extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY)
        return Failure(Outcome::kAlreadyExists, "there is such a row already");
      return Failure(Outcome::kInternal, fmt::format("the database refused a row (SQLite code {})", extended));
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
      return Failure(Outcome::kStorageFailed,
                     fmt::format("the database: {} (SQLite code {})", sqlite3_errstr(extended), extended));
    default:
      return Failure(Outcome::kInternal, fmt::format("the database refused a statement (SQLite code {})", extended));
  }
}

bool poisons(int extended) {
  switch (extended & 0xFF) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CANTOPEN:
      return true;
    default:
      return false;
  }
}

}  // namespace

Connection::Connection(const std::filesystem::path& file, ConnectionRole role, std::chrono::milliseconds busy_timeout) {
  try {
    session_.open(soci::sqlite3, connect_string(file));
  } catch (const soci::soci_error&) {
    throw Failure(Outcome::kStorageFailed, fmt::format("{}: the database cannot be opened", file.string()));
  }
  handle_ = static_cast<soci::sqlite3_session_backend*>(session_.get_backend())->conn_;
  configure(role, busy_timeout);
}

void Connection::configure(ConnectionRole role, std::chrono::milliseconds busy_timeout) {
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, static_cast<int>(busy_timeout.count()));
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  // No memory map: it turns an I/O error into a signal, and made SQLite's log-reset bug (fixed in 3.51.3) worse.
  execute("PRAGMA mmap_size = 0");
  execute("PRAGMA cell_size_check = ON");
  execute("PRAGMA temp_store = MEMORY");
  if (role == ConnectionRole::kReader) {
    execute("PRAGMA query_only = ON");
    // That bug also needs two connections that checkpoint: only the writer may.
    execute("PRAGMA wal_autocheckpoint = 0");
    keep_log_on_close();
    return;
  }
  // NORMAL may lose commits that were reported as done when the power fails.
  execute("PRAGMA synchronous = FULL");
  if (role == ConnectionRole::kCopy) return;
  execute("PRAGMA foreign_keys = ON");
  execute("PRAGMA secure_delete = ON");
  if (value_of("PRAGMA journal_mode = WAL") != "wal")
    throw Failure(Outcome::kStorageFailed, "the database cannot keep a write-ahead log here",
                  "use a local disk: network file systems do not work");
}

void Connection::keep_log_on_close() { sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr); }

void Connection::execute(const char* sql) {
  try {
    session_.once << sql;
  } catch (const soci::soci_error&) {
    throw failure();
  }
}

bool Connection::try_execute(const char* sql) noexcept {
  try {
    execute(sql);
    return true;
  } catch (...) {
    return false;
  }
}

std::string Connection::value_of(const char* sql) {
  try {
    std::string value;
    soci::indicator state = soci::i_null;
    session_.once << sql, soci::into(value, state);
    return state == soci::i_ok ? value : std::string();
  } catch (const soci::soci_error&) {
    throw failure();
  }
}

Failure Connection::failure() {
  const int extended = sqlite3_extended_errcode(handle_);
  poisoned_ = poisoned_ || poisons(extended);
  return failure_of(extended);
}

}  // namespace totpilot::store
