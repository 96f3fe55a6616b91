#pragma once
// What happened to jobs, in one order over all of them. The database gives the sequence, so that who has missed some
// reads on from the last one seen.
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "agent/store/rows.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

struct JobNews {
  JobId job;
  std::string_view type;  // "job.started"
  nlohmann::json data;    // an object, without secrets
  TimePoint at;
};
/// Writes the event of a job that is kept; says nothing of one that is not (its account may have been removed).
void tell(WriteTransaction& transaction, const JobNews& news);

/// Empty members let all pass.
struct JobEventFilter {
  std::int64_t after = 0;  // a sequence
  JobId job = {};
  AccountId account = {};
  int limit = 500;
};
/// Oldest first.
std::vector<JobEventRow> list_job_events(ReadTransaction& transaction, const JobEventFilter& filter);
std::int64_t last_job_event(ReadTransaction& transaction);
/// Removes at most `most` of those from before a time whose job ended before it too; returns how many.
int prune_job_events(WriteTransaction& transaction, TimePoint before, int most);

}  // namespace totpilot::store
