#pragma once
// What several services do with rows. Blocking: inside a store transaction or on the pool.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "agent/base/clock.h"
#include "agent/store/accounts.h"
#include "agent/store/store.h"

namespace totpilot::services {

/// The account of this name or id; not_found names what is close.
inline store::AccountRow read_account(store::Store& store, const std::string& name_or_id) {
  return store.read(
      [&](store::ReadTransaction& transaction) { return store::require_account(transaction, name_or_id); });
}

/// The state that an interrupted run left the account's latest enrollment in; empty when nothing is open.
std::string open_enrollment(store::ReadTransaction& transaction, const AccountId& account);

/// What there is to make an account's codes with.
enum class Standing {
  kNone,
  kCandidate,  // kept, and nobody has said yet that the app uses it
  kInUse,
};
Standing standing_of(store::ReadTransaction& transaction, const AccountId& account);

/// An ISO time, or JSON null.
inline nlohmann::ordered_json json_time(const std::optional<TimePoint>& time) {
  return time ? nlohmann::ordered_json(to_iso(*time)) : nlohmann::ordered_json();
}

/// The id, or JSON null where there is none.
template <class Id>
nlohmann::ordered_json json_id(const Id& id) {
  return id.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(id.str());
}

}  // namespace totpilot::services
