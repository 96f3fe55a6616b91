#pragma once
// Fail-points: named places where a test can make this process die or fail. In test builds only; elsewhere the macro
// is nothing. Two variables of the environment arm and record them:
//   TOTPILOT_FAIL_POINT=NAME:ACTION@N  at the N-th pass (from 1; left out: 1) through NAME. Actions: kill (SIGKILL to
//                                      ourselves), throw (Failure internal), eio, enospc (Failure storage_failed).
//   TOTPILOT_FAIL_POINT_LOG=FILE       every pass appends its NAME and a newline, so that a test sees which were hit.
// Names: STATE.before_commit, STATE.after_commit, STATE.after_effect (passed by the flow, once the state's effect has
// happened), and a few more. All are in one list: a test walks it and fails for one that nothing passes.
#ifdef TOTPILOT_TESTING
#include <span>
#include <string_view>

namespace totpilot::enrollment {

std::span<const std::string_view> all_fail_points();
/// Aborts for a name that is not in the list.
void pass_fail_point(std::string_view name);

}  // namespace totpilot::enrollment

#define TOTPILOT_FAIL_POINT(name) ::totpilot::enrollment::pass_fail_point(name)
#else
#define TOTPILOT_FAIL_POINT(name) static_cast<void>(0)
#endif
