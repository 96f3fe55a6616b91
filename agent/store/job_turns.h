#pragma once
// Whose turn it is: which queued job is claimed next, and when the next can be. A lane is an app at its place; it is
// kept from too many jobs at once, from jobs too close together, and from any while its breaker is open.
#include <chrono>
#include <optional>
#include <string_view>

#include "agent/store/rows.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

/// What holds a lane's jobs back, besides what its row says.
struct TurnRules {
  int most_per_lane = 0;                  // at once; 0: any number
  int breaker_after = 0;                  // failures in a row; from then on one job at a time; 0: never
  std::chrono::milliseconds lane_gap{0};  // between two starts in a lane
};

/// Claims the most urgent job that may run now, the oldest of several.
std::optional<JobRow> claim_next_job(WriteTransaction& transaction, const WorkerId& owner, TimePoint now,
                                     TimePoint lease_until, const TurnRules& rules = {});

/// When to look again because of time alone: a not_before, a lane, or the end of a lease. Nothing when only an event
/// (a new job, the end of one) can change what may run.
std::optional<TimePoint> next_turn(ReadTransaction& transaction, TimePoint now);

/// The distance between two jobs of one account in this lane.
void set_lane_spacing(WriteTransaction& transaction, std::string_view lane, std::chrono::milliseconds spacing);
std::optional<LaneRow> find_lane(ReadTransaction& transaction, std::string_view lane);
void put_lane(WriteTransaction& transaction, const LaneRow& lane);

}  // namespace totpilot::store
