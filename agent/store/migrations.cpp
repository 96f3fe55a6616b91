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
    {2,
     "the queue",
     {
         "ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0",
         "ALTER TABLE jobs ADD COLUMN lane TEXT NOT NULL DEFAULT ''",
         "ALTER TABLE jobs ADD COLUMN request TEXT NOT NULL DEFAULT ''",
         "ALTER TABLE jobs ADD COLUMN result TEXT NOT NULL DEFAULT ''",
         "ALTER TABLE jobs ADD COLUMN idempotency_key TEXT NOT NULL DEFAULT ''",
         "ALTER TABLE jobs ADD COLUMN requested_by TEXT NOT NULL DEFAULT ''",
         "ALTER TABLE jobs ADD COLUMN not_before INTEGER",
         "ALTER TABLE jobs ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0",
         "ALTER TABLE jobs ADD COLUMN cancel_requested INTEGER NOT NULL DEFAULT 0",
         "ALTER TABLE jobs ADD COLUMN input TEXT NOT NULL DEFAULT ''",
         "ALTER TABLE jobs ADD COLUMN input_until INTEGER",
         "ALTER TABLE jobs ADD COLUMN sealed_answer TEXT NOT NULL DEFAULT ''",
         "CREATE INDEX jobs_by_turn ON jobs (state, priority DESC, created, id)",
         "CREATE INDEX jobs_by_lane ON jobs (lane, state)",
         "CREATE UNIQUE INDEX one_job_for_a_key ON jobs (requested_by, idempotency_key) WHERE idempotency_key <> ''",
         R"(CREATE TABLE job_events (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL REFERENCES jobs(id) ON DELETE CASCADE, account TEXT NOT NULL,
  type TEXT NOT NULL, data TEXT NOT NULL, at INTEGER NOT NULL) STRICT)",
         "CREATE INDEX job_events_by_job ON job_events (job, sequence)",
         R"(CREATE TABLE lanes (
  lane TEXT NOT NULL PRIMARY KEY, failures INTEGER NOT NULL DEFAULT 0, open_until INTEGER, next_start INTEGER,
  spacing_ms INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID)",
     }},
    {3,
     "people: members, tokens, teams, shares, invites, approvals, the audit log",
     {
         R"(CREATE TABLE members (
  id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('owner', 'super_admin', 'admin', 'user', 'guest')),
  password_hash TEXT NOT NULL, password_salt TEXT NOT NULL, password_parameters TEXT NOT NULL, sealed_totp TEXT NOT NULL,
  totp_on INTEGER NOT NULL, last_window INTEGER NOT NULL, disabled INTEGER NOT NULL, created INTEGER NOT NULL,
  updated INTEGER NOT NULL, signed_in INTEGER) STRICT, WITHOUT ROWID)",
         R"(CREATE TABLE member_codes (
  member TEXT NOT NULL REFERENCES members(id) ON DELETE CASCADE, hash TEXT NOT NULL, created INTEGER NOT NULL, used INTEGER,
  PRIMARY KEY (member, hash)) STRICT, WITHOUT ROWID)",
         R"(CREATE TABLE member_sessions (
  id TEXT NOT NULL PRIMARY KEY, member TEXT NOT NULL REFERENCES members(id) ON DELETE CASCADE, hash TEXT NOT NULL UNIQUE,
  created INTEGER NOT NULL, seen INTEGER NOT NULL, expires INTEGER NOT NULL, proven INTEGER NOT NULL) STRICT, WITHOUT ROWID)",
         "CREATE INDEX member_sessions_by_member ON member_sessions (member)",
         R"(CREATE TABLE tokens (
  id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, member TEXT REFERENCES members(id) ON DELETE CASCADE,
  hash TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL, created INTEGER NOT NULL, created_by TEXT NOT NULL, expires INTEGER,
  used INTEGER, revoked INTEGER) STRICT, WITHOUT ROWID)",
         "CREATE UNIQUE INDEX one_valid_token_of_a_name ON tokens (name) WHERE revoked IS NULL",
         "CREATE TABLE teams (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, created INTEGER NOT NULL) "
         "STRICT, "
         "WITHOUT ROWID",
         R"(CREATE TABLE team_members (
  team TEXT NOT NULL REFERENCES teams(id) ON DELETE CASCADE, member TEXT NOT NULL REFERENCES members(id) ON DELETE CASCADE,
  PRIMARY KEY (team, member)) STRICT, WITHOUT ROWID)",
         "CREATE INDEX team_members_by_member ON team_members (member)",
         R"(CREATE TABLE shares (
  id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  member TEXT REFERENCES members(id) ON DELETE CASCADE, team TEXT REFERENCES teams(id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('owner', 'collaborator')), password INTEGER NOT NULL, created INTEGER NOT NULL,
  created_by TEXT NOT NULL, expires INTEGER, CHECK ((member IS NULL) <> (team IS NULL))) STRICT, WITHOUT ROWID)",
         "CREATE UNIQUE INDEX one_share_for_a_member ON shares (account, member) WHERE member IS NOT NULL",
         "CREATE UNIQUE INDEX one_share_for_a_team ON shares (account, team) WHERE team IS NOT NULL",
         "CREATE INDEX shares_by_member ON shares (member)",
         "CREATE INDEX shares_by_team ON shares (team)",
         R"(CREATE TABLE invites (
  id TEXT NOT NULL PRIMARY KEY, hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL, created INTEGER NOT NULL,
  created_by TEXT NOT NULL, expires INTEGER NOT NULL, used INTEGER) STRICT, WITHOUT ROWID)",
         "CREATE TABLE sign_in_attempts (who TEXT NOT NULL, at INTEGER NOT NULL) STRICT",
         "CREATE INDEX sign_in_attempts_by_who ON sign_in_attempts (who, at)",
         R"(CREATE TABLE approvals (
  id TEXT NOT NULL PRIMARY KEY, act TEXT NOT NULL, account TEXT NOT NULL, object TEXT NOT NULL, asked_by TEXT NOT NULL,
  asked INTEGER NOT NULL, expires INTEGER NOT NULL, granted_by TEXT NOT NULL, granted INTEGER, used INTEGER) STRICT, WITHOUT ROWID)",
         "CREATE INDEX approvals_by_act ON approvals (act, account, object, asked_by)",
         R"(CREATE TABLE audit_records (
  writer TEXT NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL, act TEXT NOT NULL,
  account TEXT NOT NULL, object TEXT NOT NULL, outcome TEXT NOT NULL, detail TEXT NOT NULL, previous TEXT NOT NULL,
  hash TEXT NOT NULL, PRIMARY KEY (writer, sequence)) STRICT, WITHOUT ROWID)",
         "CREATE INDEX audit_records_by_time ON audit_records (at)",
         "CREATE INDEX audit_records_by_account ON audit_records (account, at)",
     }},
    {4,
     "schedules and campaigns",
     {
         R"(CREATE TABLE schedules (
  id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, cron TEXT NOT NULL, zone TEXT NOT NULL, kind TEXT NOT NULL,
  tag TEXT NOT NULL, accounts TEXT NOT NULL, arguments TEXT NOT NULL, jitter_ms INTEGER NOT NULL, blackouts TEXT NOT NULL,
  catch_up INTEGER NOT NULL, enabled INTEGER NOT NULL, last_due INTEGER, next_due INTEGER, pending_due INTEGER,
  remark TEXT NOT NULL, created_by TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL) STRICT, WITHOUT ROWID)",
         R"(CREATE TABLE campaigns (
  id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('planned', 'canary', 'running', 'paused', 'done', 'stopped')),
  canary INTEGER NOT NULL, stop_after_failures INTEGER NOT NULL, remark TEXT NOT NULL, created_by TEXT NOT NULL,
  created INTEGER NOT NULL, started INTEGER, ended INTEGER) STRICT, WITHOUT ROWID)",
         "CREATE INDEX campaigns_by_state ON campaigns (state)",
         R"(CREATE TABLE campaign_items (
  campaign TEXT NOT NULL REFERENCES campaigns(id) ON DELETE CASCADE, position INTEGER NOT NULL, account TEXT NOT NULL,
  name TEXT NOT NULL, plan TEXT NOT NULL, state TEXT NOT NULL
    CHECK (state IN ('left_out', 'waiting', 'submitted', 'done', 'failed', 'cancelled')),
  job TEXT NOT NULL, outcome TEXT NOT NULL, message TEXT NOT NULL, PRIMARY KEY (campaign, position)) STRICT, WITHOUT ROWID)",
         "CREATE INDEX campaign_items_by_state ON campaign_items (campaign, state, position)",
     }},
    {5,
     "keys of requests that joined a job",
     {
         R"(CREATE TABLE joined_keys (
  requested_by TEXT NOT NULL, idempotency_key TEXT NOT NULL, job TEXT NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
  request TEXT NOT NULL, PRIMARY KEY (requested_by, idempotency_key)) STRICT, WITHOUT ROWID)",
         "CREATE INDEX joined_keys_by_job ON joined_keys (job)",
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
