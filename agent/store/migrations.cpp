#include "agent/store/migrations.h"

#include <fmt/format.h>

#include <charconv>

namespace totpilot::store {
namespace {

constexpr int kApplicationId = 0x544F5450;  // "TOTP"

int number_of(const std::string& text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Times are milliseconds of UTC; sealed texts are base64; lists are JSON.
const std::vector<Migration> kMigrations = {
    {1,
     "the first schema",
     {
         R"(CREATE TABLE accounts (
  id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, username TEXT NOT NULL, base_url TEXT NOT NULL, app TEXT NOT NULL,
  origins TEXT NOT NULL, insecure_http INTEGER NOT NULL, sealed_password TEXT NOT NULL, password_command TEXT NOT NULL,
  password_file TEXT NOT NULL, tags TEXT NOT NULL, notes TEXT NOT NULL, skew_ms INTEGER NOT NULL, skew_measured INTEGER,
  created INTEGER NOT NULL, updated INTEGER NOT NULL) STRICT, WITHOUT ROWID)",
         R"(CREATE TABLE factors (
  id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE, enrollment TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('candidate', 'confirmed', 'live', 'superseded', 'discarded')),
  algorithm TEXT NOT NULL, digits INTEGER NOT NULL, period INTEGER NOT NULL, encoder TEXT NOT NULL, issuer TEXT NOT NULL,
  label TEXT NOT NULL, vendor TEXT NOT NULL, sealed_secret TEXT NOT NULL, fingerprint TEXT NOT NULL, source TEXT NOT NULL, created INTEGER NOT NULL,
  confirmed INTEGER, proven INTEGER) STRICT, WITHOUT ROWID)",
         "CREATE INDEX factors_by_account ON factors (account, created)",
         "CREATE INDEX factors_by_fingerprint ON factors (fingerprint)",
         "CREATE UNIQUE INDEX one_live_factor ON factors (account) WHERE state = 'live'",
         R"(CREATE TABLE recovery_codes (
  id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE, factor TEXT NOT NULL,
  position INTEGER NOT NULL, sealed_code TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('unused', 'used', 'replaced')),
  created INTEGER NOT NULL, used INTEGER, used_by TEXT NOT NULL) STRICT, WITHOUT ROWID)",
         "CREATE INDEX recovery_codes_by_account ON recovery_codes (account, created)",
         R"(CREATE TABLE enrollments (
  id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE, job TEXT NOT NULL,
  state TEXT NOT NULL, seq INTEGER NOT NULL, lease_generation INTEGER NOT NULL, playbook_hash TEXT NOT NULL,
  playbook_text TEXT NOT NULL, candidate TEXT NOT NULL, codes_mark TEXT NOT NULL, armed_window INTEGER NOT NULL,
  submits INTEGER NOT NULL, evidence TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL) STRICT, WITHOUT ROWID)",
         "CREATE INDEX enrollments_by_account ON enrollments (account, created)",
         R"(CREATE TABLE enrollment_events (
  enrollment TEXT NOT NULL REFERENCES enrollments(id) ON DELETE CASCADE, seq INTEGER NOT NULL, from_state TEXT NOT NULL,
  to_state TEXT NOT NULL, detail TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (enrollment, seq)) STRICT, WITHOUT ROWID)",
         R"(CREATE TABLE jobs (
  id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE, kind TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'needs_input')),
  outcome TEXT NOT NULL, message TEXT NOT NULL, report_directory TEXT NOT NULL, lease_owner TEXT NOT NULL,
  lease_generation INTEGER NOT NULL, lease_until INTEGER, past_return INTEGER NOT NULL, created INTEGER NOT NULL,
  started INTEGER, ended INTEGER) STRICT, WITHOUT ROWID)",
         "CREATE INDEX jobs_by_state ON jobs (state, created)",
         "CREATE INDEX jobs_by_account ON jobs (account, created)",
         R"(CREATE TABLE windows (
  account TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE, window_start_ms INTEGER NOT NULL, period INTEGER NOT NULL,
  use TEXT NOT NULL CHECK (use IN ('shown', 'reserved', 'spent')), by TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (account, window_start_ms)) STRICT, WITHOUT ROWID)",
         R"(CREATE TABLE attempts (
  account TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('password', 'code', 'recovery_code')), by TEXT NOT NULL, at INTEGER NOT NULL) STRICT)",
         "CREATE INDEX attempts_by_account ON attempts (account, kind, at)",
         R"(CREATE TABLE sessions (
  id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE, sealed_state TEXT NOT NULL,
  created INTEGER NOT NULL) STRICT, WITHOUT ROWID)",
         "CREATE INDEX sessions_by_account ON sessions (account, created)",
         R"(CREATE TABLE vault_slots (
  id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL UNIQUE CHECK (kind IN ('file', 'passphrase', 'kit')),
  parameters TEXT NOT NULL, sealed_root TEXT NOT NULL, created INTEGER NOT NULL) STRICT, WITHOUT ROWID)",
         R"(CREATE TABLE vault_keys (
  id TEXT NOT NULL PRIMARY KEY, state TEXT NOT NULL CHECK (state IN ('active', 'retiring')), sealed_key TEXT NOT NULL,
  created INTEGER NOT NULL) STRICT, WITHOUT ROWID)",
         "CREATE UNIQUE INDEX one_active_key ON vault_keys (state) WHERE state = 'active'",
         "CREATE TABLE settings (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
     }},
};

void apply(Connection& writer, const Migration& migration) {
  writer.execute("BEGIN IMMEDIATE");
  try {
    for (const char* statement : migration.statements) writer.execute(statement);
    writer.execute(fmt::format("PRAGMA application_id = {}", kApplicationId).c_str());
    writer.execute(fmt::format("PRAGMA user_version = {}", migration.version).c_str());
    writer.execute("COMMIT");
  } catch (Failure& failure) {
    // Closing rolls back what a failed ROLLBACK left; the version in the file says which migrations are whole.
    if (writer.in_transaction()) writer.try_execute("ROLLBACK");
    throw std::move(failure).within(fmt::format("migration {} ({})", migration.version, migration.name));
  }
}

}  // namespace

std::span<const Migration> all_migrations() { return kMigrations; }

void migrate(Connection& writer, std::span<const Migration> migrations,
             const std::function<void(int version)>& before_change) {
  const int version = number_of(writer.value_of("PRAGMA user_version"));
  const int application = number_of(writer.value_of("PRAGMA application_id"));
  const int newest = migrations.back().version;
  if (application != kApplicationId &&
      (application != 0 || writer.value_of("SELECT count(*) FROM sqlite_schema") != "0"))
    throw Failure(Outcome::kStorageFailed, "the database is not totpilot's", "give another state directory");
  if (version > newest)
    throw Failure(Outcome::kStorageFailed,
                  fmt::format("the database has schema {}, and this totpilot knows {}: it was written by a newer one",
                              version, newest),
                  "install the newer totpilot, or restore a backup from before the upgrade");
  if (version == newest) return;
  if (version > 0) before_change(version);
  for (const Migration& migration : migrations)
    if (migration.version > version) apply(writer, migration);
}

}  // namespace totpilot::store
