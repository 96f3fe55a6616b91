#pragma once
// MfaPage: the app's MFA setting, opened and read. What it says is the only proof of a state besides a fresh login.
#include "agent/flow/flows.h"
#include "agent/flow/walk.h"

namespace totpilot::flow {

/// Opens mfa.open, follows mfa.reach, and waits for one of the states. page_changed when none shows, or the app has
/// signed us out.
task<MfaState> open_mfa_page(Walk& walk);
/// The state if the page at hand shows one at this moment.
task<std::optional<MfaState>> mfa_state_now(Walk& walk);

}  // namespace totpilot::flow
