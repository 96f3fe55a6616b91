#pragma once
// Rows: what the tables hold, as plain structs. Secrets appear only as sealed text (base64 of an envelope that only the
// vault opens).
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/clock.h"
#include "agent/base/id.h"

namespace totpilot::store {

struct AccountRow {
  AccountId id;
  std::string name;  // unique, what people type: "redmine-alice"
  std::string username;
  std::string base_url;              // no trailing slash
  std::string app;                   // playbook; empty: self-managed
  std::vector<std::string> origins;  // pins, serialized; the first is the base URL's
  bool insecure_http = false;
  std::string sealed_password;   // empty: none stored
  std::string password_command;  // argv joined for /bin/sh -c; empty: none
  std::string password_file;     // empty: none
  std::vector<std::string> tags;
  std::string notes;
  std::int64_t skew_ms = 0;  // the app's clock minus ours, last measured
  std::optional<TimePoint> skew_measured;
  TimePoint created;
  TimePoint updated;
};

/// RFC 6238 parameters as stored; meaning is agent/totp's.
struct FactorParameters {
  std::string algorithm = "SHA1";  // SHA1, SHA256, SHA512
  int digits = 6;
  int period = 30;                  // seconds
  std::string encoder = "decimal";  // or "steam"
};

enum class FactorState { kCandidate, kConfirmed, kLive, kSuperseded, kDiscarded };
std::string_view factor_state_name(FactorState state);

struct FactorRow {
  FactorId id;
  AccountId account;
  EnrollmentId enrollment;  // empty: imported by a person
  FactorState state = FactorState::kCandidate;
  FactorParameters parameters;
  std::string issuer;
  std::string label;
  std::string vendor;  // parameters of the otpauth URI beyond the format's own, as its query
  std::string sealed_secret;
  std::string fingerprint;  // keyed hash of the raw secret, hex: finds equals without opening them
  std::string source;       // "text+qr", "import:uri", ...
  TimePoint created;
  std::optional<TimePoint> confirmed;
  std::optional<TimePoint> proven;
};

enum class RecoveryCodeState { kUnused, kUsed, kReplaced };
struct RecoveryCodeRow {
  RecoveryCodeId id;
  AccountId account;
  FactorId factor;
  int position = 0;  // as shown by the app, from 1
  std::string sealed_code;
  RecoveryCodeState state = RecoveryCodeState::kUnused;
  TimePoint created;
  std::optional<TimePoint> used;
  std::string used_by;
};

/// See agent/enrollment for the meaning of `state`.
struct EnrollmentRow {
  EnrollmentId id;
  AccountId account;
  JobId job;
  std::string state;     // "planned", "authenticating", ...
  std::int64_t seq = 0;  // counts transitions; fences them together with lease_generation
  std::int64_t lease_generation = 0;
  std::string playbook_hash;
  std::string playbook_text;
  FactorId candidate;      // newest; empty before capture
  std::string codes_mark;  // "", "durable", "missing", "none"
  std::int64_t armed_window = 0;
  int submits = 0;
  std::string evidence;  // JSON without secrets, for people
  TimePoint created;
  TimePoint updated;
};

/// One line per transition; unique by (enrollment, seq).
struct EnrollmentEventRow {
  EnrollmentId enrollment;
  std::int64_t seq = 0;
  std::string from_state;
  std::string to_state;
  std::string detail;  // JSON without secrets
  TimePoint at;
};

enum class JobState { kQueued, kRunning, kDone, kFailed, kCancelled, kNeedsInput };
std::string_view job_state_name(JobState state);

struct JobRow {
  JobId id;
  AccountId account;
  std::string kind;  // "enroll", "login", "disable", "check", "recovery_codes", "prove", "recover"
  JobState state = JobState::kQueued;
  std::string outcome;  // an outcome code's name; empty until it ends or has to be tried again
  std::string message;
  std::string report_directory;
  std::string lease_owner;            // WorkerId; empty: free
  std::int64_t lease_generation = 0;  // rises with every claim
  std::optional<TimePoint> lease_until;
  bool past_return = false;  // an act that turns MFA on or off was armed: never run again from the start
  TimePoint created;
  std::optional<TimePoint> started;
  std::optional<TimePoint> ended;
  int priority = 0;     // the higher goes first
  std::string lane;     // the app at its place, "redmine https://redmine.example": what caps and the breaker count by
  std::string request;  // JSON; empty: whoever asked runs it himself and waits, so it dies with him
  std::string result;   // JSON without secrets; empty until it is done
  std::string idempotency_key;  // unique for each requested_by; empty: none
  std::string requested_by;
  std::optional<TimePoint> not_before;
  int attempts = 0;  // claims that counted
  bool cancel_requested = false;
  std::string input;  // JSON of what a person is asked; empty: nothing
  std::optional<TimePoint> input_until;
  std::string sealed_answer;  // empty: none was given yet

  /// Does the queue run it, whoever asked being gone?
  bool from_queue() const { return !request.empty(); }
};

/// One line for each thing that happened to a job.
struct JobEventRow {
  std::int64_t sequence = 0;  // given by the database, rising over all jobs
  JobId job;
  AccountId account;
  std::string type;  // "job.queued", "job.started", "job.step", "job.needs_input", "job.resumed", "job.ended", ...
  std::string data;  // JSON without secrets
  TimePoint at;
};

/// What holds the jobs of one app back.
struct LaneRow {
  std::string lane;
  int failures = 0;                      // in a row, of the kinds that say that the app wants to be left alone
  std::optional<TimePoint> open_until;   // no job before
  std::optional<TimePoint> next_start;   // the distance between two starts
  std::chrono::milliseconds spacing{0};  // between two jobs of one account, by the playbook's sign_in_limit
};

enum class WindowUse { kShown, kReserved, kSpent };
struct WindowRow {
  AccountId account;
  std::int64_t window_start_ms = 0;  // app time
  int period = 30;
  WindowUse use = WindowUse::kShown;
  std::string by;  // job id, "cli", ...
  TimePoint at;
};

struct SessionRow {
  SessionId id;
  AccountId account;
  std::string sealed_state;  // storage state JSON
  TimePoint created;
};

/// A wrong password or code that we sent: what the lockout guard counts.
enum class AttemptKind { kPassword, kCode, kRecoveryCode };
std::string_view attempt_kind_name(AttemptKind kind);
struct AttemptRow {
  AccountId account;
  AttemptKind kind = AttemptKind::kPassword;
  std::string by;  // job id
  TimePoint at;
};

/// A key that wraps records' keys. `sealed_key` is wrapped by the vault's root key.
enum class KeyState { kActive, kRetiring };
struct VaultKeyRow {
  KeyId id;
  KeyState state = KeyState::kActive;
  std::string sealed_key;
  TimePoint created;
};

/// A way to open the vault: a key file, a passphrase, a printed recovery kit.
struct VaultSlotRow {
  std::string id;           // uuid
  std::string kind;         // "file", "passphrase", "kit"
  std::string parameters;   // JSON: salt and Argon2 parameters, or the key file's name
  std::string sealed_root;  // the root key, wrapped by the slot's key
  TimePoint created;
};

}  // namespace totpilot::store
