#pragma once
// Ledger: what really happened on the practice site, as plain data. Tests hold this against what totpilot says and
// keeps. Secrets are base32 without padding; windows are counted in the app's own time (unix seconds divided by the
// period).
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace totpilot::practice {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

enum class Purpose { kSignIn, kEnrol, kDisable, kNewRecoveryCodes };

enum class CodeVerdict {
  kAccepted,
  kAcceptedRecoveryCode,
  kWrong,
  kReused,     // the right code of a window that is spent or older than a spent one
  kLockedOut,  // not looked at: the account is locked
  kTooLate     // not looked at: MFA is on already
};

struct CodeSubmit {
  Time at;  // the app's time
  std::string user;
  Purpose purpose = Purpose::kSignIn;
  std::string code;
  CodeVerdict verdict = CodeVerdict::kWrong;
  std::int64_t window = 0;  // the window the code belongs to; for a wrong code the current one
  std::string origin;       // the Origin header
  std::string referer;
};

enum class LoginVerdict { kAccepted, kUnknownUser, kWrongPassword, kLockedOut, kCaptchaMissing, kRateLimited };

struct LoginAttempt {
  Time at;
  std::string user;
  LoginVerdict verdict = LoginVerdict::kAccepted;
  std::string origin;
  std::string referer;
};

/// A request that reached the other origin, with all that it brought along.
struct ElsewhereRequest {
  std::string method;
  std::string target;
  std::string body;
  std::string origin;
  std::string referer;
};

struct UserRecord {
  std::string password;
  bool mfa_enabled = false;
  std::string live_secret;                  // empty: none
  std::string pending_secret;               // shown, not yet confirmed; empty: none
  std::vector<std::string> recovery_codes;  // unused ones
  std::set<std::int64_t> spent_windows;
  std::vector<std::string> shown_secrets;  // every secret that a page ever showed, in order
  int times_enabled = 0;
  int times_disabled = 0;
  bool locked = false;
  std::string mailed_code;  // the newest that was sent by e-mail and not yet taken; empty: none
};

struct SessionRecord {
  std::string user;
  bool signed_in = false;
  bool passed_mfa = false;
};

struct Ledger {
  std::map<std::string, UserRecord> users;
  std::vector<LoginAttempt> logins;
  std::vector<CodeSubmit> codes;
  std::vector<ElsewhereRequest> elsewhere;
  std::vector<SessionRecord> sessions;
  std::set<std::string> origins;   // every Origin header that came with a form
  std::set<std::string> referers;  // every Referer, without its query

  /// How many codes were submitted for `purpose`, whatever their verdict.
  int submits(Purpose purpose) const;
  int submits(Purpose purpose, CodeVerdict verdict) const;
};

}  // namespace totpilot::practice
