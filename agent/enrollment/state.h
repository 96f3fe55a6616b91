#pragma once
// The states of an enrollment and which may follow which: one table, from which everything else is asked. Pure. The row
// is written before the effect that its state names ("write-ahead"), so a state says what may have happened, not what
// has.
#include <optional>
#include <span>
#include <string_view>

namespace totpilot::enrollment {

enum class State {
  kPlanned,         // nothing has happened
  kAuthenticating,  // the password may have been typed
  kSetupOpening,    // the page that makes a secret may have been opened
  kSecretDurable,   // the secret is in the vault; read back and in the escrow file before anything is done with it
  kSubmitArmed,     // a code of it may have reached the app
  kSubmitted,       // the submission was acknowledged (diagnostic: proves nothing)
  kAppConfirmed,    // the app said that it took the code
  kVerifying,       // a fresh login with a code may have been tried
  kActive,          // proven by a fresh login
  kUncertain,       // only a probe can tell
  kFailedSafe,      // proven: MFA is off, or the old secret still works
  kNeedsHuman,      // the probe could not tell either; everything is kept
  kCancelled,
};

std::string_view state_name(State state);  // "planned", "setup_opening", ...
std::optional<State> state_from_name(std::string_view name);
std::span<const State> all_states();

bool may_follow(State from, State to);

/// kFreely: nothing has been changed at the app. kAfterProof: only with a proof that the app is as it was.
enum class CancelRule { kFreely, kAfterProof, kNever };
CancelRule cancel_rule(State state);

/// Active, failed safe, cancelled: nothing follows.
bool is_final(State state);
/// Left so by a crash, the machine settles it without a person (everything that is neither final nor needs_human).
bool wants_recovery(State state);
/// The app may have turned MFA on with one of the candidates.
bool may_have_turned_on(State state);

}  // namespace totpilot::enrollment
