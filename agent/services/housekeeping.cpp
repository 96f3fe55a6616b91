#include "agent/services/housekeeping.h"

#include <filesystem>

#include "agent/base/log.h"
#include "agent/services/house.h"
#include "agent/store/job_events.h"
#include "agent/store/jobs.h"

namespace totpilot::services {
namespace {

/// Removed in one transaction: others want to write meanwhile.
constexpr int kAtOnce = 1000;

/// Only what carries a job's id is ours to remove.
int remove_reports(const std::filesystem::path& directory, std::chrono::days kept) {
  int removed = 0;
  std::error_code ignored;
  const auto oldest = std::filesystem::file_time_type::clock::now() - kept;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    if (!JobId::looks_right(entry.path().filename().string()) || entry.last_write_time(ignored) >= oldest) continue;
    std::filesystem::remove_all(entry.path(), ignored);
    ++removed;
  }
  return removed;
}

int remove_rows(House& house, std::chrono::days kept,
                const std::function<int(store::WriteTransaction&, TimePoint before, int most)>& prune) {
  const TimePoint before = house.clock().now() - kept;
  int removed = 0;
  for (int last = kAtOnce; last == kAtOnce; removed += last)
    last =
        house.store().write([&](store::WriteTransaction& transaction) { return prune(transaction, before, kAtOnce); });
  return removed;
}

}  // namespace

Swept sweep(House& house) {
  Swept swept;
  const std::chrono::days reports(house.config().report_keep_days);
  const std::chrono::days jobs(house.config().jobs.keep_days);
  if (reports.count() > 0) {
    swept.reports = remove_reports(house.reports(), reports);
    swept.events = remove_rows(house, reports, store::prune_job_events);
  }
  if (jobs.count() > 0) swept.jobs = remove_rows(house, jobs, store::prune_jobs);
  return swept;
}

task<void> Housekeeper::run() {
  while (!stopping_) {
    try {
      const Swept swept = co_await house_.blocking([this] { return sweep(house_); });
      log::info("{} old reports, {} events and {} jobs were removed", swept.reports, swept.events, swept.jobs);
    } catch (const Failure& failure) {
      log::error("what is old could not be removed: {}", failure.message());
    }
    if (!stopping_) co_await timer_.wait(Deadline::after(every_));
  }
}

void Housekeeper::stop() {
  stopping_ = true;
  timer_.wake();
}

}  // namespace totpilot::services
