#pragma once
// What several services do with rows. Blocking: inside a store transaction or on the pool.
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
