#pragma once
// Journal::Step: one write of the journal, and what goes into the same transaction. For this room.
#include <functional>
#include <string>

#include "agent/enrollment/journal.h"
#include "agent/store/transaction.h"

namespace totpilot::enrollment {

struct Journal::Step {
  State to;
  std::string detail;  // JSON
  std::string name;    // of its fail-points; empty: the state's
  /// Sees and changes the row as it will be, and writes what belongs to the transition. May be empty.
  std::function<void(store::WriteTransaction&, store::EnrollmentRow& next)> also;
};

/// The detail as it is kept. internal for what is no JSON object.
std::string kept_detail(const nlohmann::json& detail);

/// The row's state; storage_failed for a word that no version of ours wrote.
State state_of(const store::EnrollmentRow& row);

}  // namespace totpilot::enrollment
