#pragma once
// Enrollments and their events: the journal of the write-ahead state machine. What the states mean is
// agent/enrollment's.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/store/rows.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

/// What a transition demands of the row as it is (safety.md I4).
struct EnrollmentFence {
  EnrollmentId id;
  std::string state;
  std::int64_t seq = 0;
  std::int64_t lease_generation = 0;
};
EnrollmentFence fence_of(const EnrollmentRow& row);

/// Writes the row and, as its event 0, how it began. Throws already_exists for the same id.
void insert_enrollment(WriteTransaction& transaction, const EnrollmentRow& enrollment, std::string_view detail);

/// One transition: UPDATE ... WHERE id, state, seq and lease_generation are the fence's, to the values of `next`
/// (state, candidate, codes_mark, armed_window, submits, evidence, job, updated) with seq + 1, and its event with
/// `detail` (JSON without secrets). Returns the rows changed: 1, or 0 when another was faster or has taken over; then
/// nothing is written.
int advance_enrollment(WriteTransaction& transaction, const EnrollmentFence& fence, const EnrollmentRow& next,
                       std::string_view detail);

/// Takes a row over for a later lease: fenced like a transition, and only to a higher generation. Returns the rows
/// changed.
int adopt_enrollment(WriteTransaction& transaction, const EnrollmentFence& fence, std::int64_t new_generation,
                     const JobId& job, TimePoint at);

std::optional<EnrollmentRow> find_enrollment(ReadTransaction& transaction, const EnrollmentId& id);
std::optional<EnrollmentRow> latest_enrollment(ReadTransaction& transaction, const AccountId& account);
/// Oldest first; those whose state is none of `settled`. With an empty account: of all.
std::vector<EnrollmentRow> list_unsettled_enrollments(ReadTransaction& transaction, const AccountId& account,
                                                      std::span<const std::string_view> settled);
/// By seq.
std::vector<EnrollmentEventRow> list_enrollment_events(ReadTransaction& transaction, const EnrollmentId& id);

}  // namespace totpilot::store
