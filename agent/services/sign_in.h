#pragma once
// Signing in to totpilot itself: password and a code, throttled; sessions that end by idling and in any case; and who
// is behind a session's key or a token.
#include <chrono>
#include <string>

#include "agent/base/async.h"
#include "agent/base/secret.h"
#include "agent/services/caller.h"

namespace totpilot::services {

class House;

inline constexpr auto kSessionIdle = std::chrono::hours(12);
inline constexpr auto kSessionLongest = std::chrono::hours(24 * 7);
inline constexpr auto kProofHolds = std::chrono::minutes(5);

struct SignIn {
  std::string name;
  Secret password;
  Secret code;          // six digits, or a recovery code
  std::string address;  // where it comes from; counted apart
};
struct SignedIn {
  Caller caller;
  Secret key;  // of the session, for a cookie; shown once
  TimePoint expires;
  bool recovery_code_used = false;
  int codes_left = 0;
};

/// bad_credentials whatever was wrong; rate_limited says when the next try may be made. Both stand in the audit log.
task<SignedIn> sign_in(House& house, SignIn request);
/// The same for one who is signed in: sets when they last proved who they are.
task<Caller> prove_again(House& house, const Caller& caller, SignIn request);
/// Ends the caller's session.
task<void> sign_out(House& house, const Caller& caller);

/// Who is behind a session's key ("tps_...") or a token ("tpt_..."). sign_in_required for one that is not known, over
/// or revoked, or whose member is disabled.
task<Caller> identify(House& house, const Secret& key);

}  // namespace totpilot::services
