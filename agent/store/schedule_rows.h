#pragma once
// Rows of what is done by itself: schedules, and campaigns with their items.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/id.h"

namespace totpilot {

struct ScheduleIdTag {
  static constexpr std::string_view kPrefix = "sch_";
};
using ScheduleId = Id<ScheduleIdTag>;

struct CampaignIdTag {
  static constexpr std::string_view kPrefix = "cam_";
};
using CampaignId = Id<CampaignIdTag>;

}  // namespace totpilot

namespace totpilot::store {

struct ScheduleRow {
  ScheduleId id;
  std::string name;                   // unique
  std::string cron;                   // as agent/schedule reads it
  std::string zone;                   // of the tz database
  std::string kind;                   // of the jobs: "enroll", "check", "login"
  std::string tag;                    // the accounts that have it; empty: those listed
  std::vector<std::string> accounts;  // ids
  std::string arguments = "{}";       // JSON without secrets, for each job
  std::chrono::milliseconds jitter{0};
  std::vector<std::string> blackouts;  // as agent/schedule reads them
  bool catch_up = false;               // what was missed is done once, later
  bool enabled = true;
  std::optional<TimePoint> last_due;     // the last one whose jobs were all submitted
  std::optional<TimePoint> next_due;     // nothing: it is off, or never comes again
  std::optional<TimePoint> pending_due;  // it has come, and not all of its jobs are submitted yet
  std::string remark;                    // what became of the last one, for people
  std::string created_by;
  TimePoint created;
  TimePoint updated;
};

enum class CampaignState { kPlanned, kCanary, kRunning, kPaused, kDone, kStopped };
std::string_view campaign_state_name(CampaignState state);

struct CampaignRow {
  CampaignId id;
  std::string name;  // unique
  std::string kind;  // of the jobs
  CampaignState state = CampaignState::kPlanned;
  int canary = 1;               // so many first; the rest when all of them went well
  int stop_after_failures = 0;  // 0: never
  std::string remark;           // why it is where it is, for people
  std::string created_by;
  TimePoint created;
  std::optional<TimePoint> started;
  std::optional<TimePoint> ended;
};

enum class ItemState {
  kLeftOut,  // nothing is to be done, or nothing can be; see its plan
  kWaiting,
  kSubmitted,  // its job has not ended
  kDone,
  kFailed,
  kCancelled
};
std::string_view item_state_name(ItemState state);

/// One account of a campaign; keeps its name when the account goes.
struct CampaignItemRow {
  CampaignId campaign;
  int position = 0;  // from 1
  AccountId account;
  std::string name;
  std::string plan;  // what was to happen: "enroll", "already_on", "no_playbook", ...
  ItemState state = ItemState::kWaiting;
  JobId job;            // empty: none yet
  std::string outcome;  // of the job
  std::string message;
};

}  // namespace totpilot::store
