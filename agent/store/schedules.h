#pragma once
// Schedules: what is to be done again and again, and how far that has got.
#include <optional>
#include <string_view>
#include <vector>

#include "agent/store/schedule_rows.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

/// Throws already_exists when the name is taken.
void insert_schedule(WriteTransaction& transaction, const ScheduleRow& schedule);
/// All columns but id, created and created_by. Throws not_found, already_exists.
void update_schedule(WriteTransaction& transaction, const ScheduleRow& schedule);
bool delete_schedule(WriteTransaction& transaction, const ScheduleId& id);

std::optional<ScheduleRow> find_schedule(ReadTransaction& transaction, const ScheduleId& id);
/// By name or id. Throws not_found.
ScheduleRow require_schedule(ReadTransaction& transaction, std::string_view name_or_id);
/// By name.
std::vector<ScheduleRow> list_schedules(ReadTransaction& transaction);

/// A due moment has come, or was missed: `pending` is to be submitted (nothing: it is passed over), and the next is
/// `next`. False when the schedule is not at `was` (any more).
struct DueStep {
  TimePoint was;
  std::optional<TimePoint> pending;
  std::optional<TimePoint> next;
  std::string remark;
};
bool pass_due(WriteTransaction& transaction, const ScheduleId& id, const DueStep& step);
/// All jobs of `due` are submitted. False when it was not pending.
bool settle_due(WriteTransaction& transaction, const ScheduleId& id, TimePoint due, std::string_view remark);
void set_schedule_remark(WriteTransaction& transaction, const ScheduleId& id, std::string_view remark);

}  // namespace totpilot::store
