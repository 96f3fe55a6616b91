#include "agent/store/rows.h"

#include "agent/store/row_names.h"

namespace totpilot::store {

std::string_view factor_state_name(FactorState state) { return name_in(kFactorStates, state); }
std::string_view job_state_name(JobState state) { return name_in(kJobStates, state); }
std::string_view attempt_kind_name(AttemptKind kind) { return name_in(kAttemptKinds, kind); }

}  // namespace totpilot::store
