#pragma once
// MfaPage: the app's MFA setting, opened and read. What it says is the only proof of a state besides a fresh login.
#include "agent/flow/flows.h"
#include "agent/flow/walk.h"

namespace totpilot::flow {

/// Opens mfa.open, follows mfa.reach, and waits for one of the states. page_changed when none shows, or the app has
/// signed us out.
task<MfaState> open_mfa_page(Walk& walk);
/// Waits a moment for the page at hand to show the state: an act that has just been done may still be on its way, and
/// opening another page could break it off. Whether it showed.
task<bool> shows_soon(Walk& walk, browser::Condition state);

}  // namespace totpilot::flow
