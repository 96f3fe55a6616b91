#include "agent/services/rows.h"

#include <algorithm>

#include "agent/enrollment/factor_book.h"
#include "agent/enrollment/state.h"
#include "agent/store/enrollments.h"
#include "agent/store/factors.h"

namespace totpilot::services {

std::string open_enrollment(store::ReadTransaction& transaction, const AccountId& account) {
  const auto latest = store::latest_enrollment(transaction, account);
  if (!latest) return {};
  const auto state = enrollment::state_from_name(latest->state);
  return state && !enrollment::is_final(*state) ? latest->state : std::string();
}

Standing standing_of(store::ReadTransaction& transaction, const AccountId& account) {
  if (enrollment::find_current_factor(transaction, account)) return Standing::kInUse;
  const auto factors = store::list_factors(transaction, account);
  const auto candidate = std::ranges::find(factors, store::FactorState::kCandidate, &store::FactorRow::state);
  return candidate != factors.end() ? Standing::kCandidate : Standing::kNone;
}

}  // namespace totpilot::services
