#include "agent/services/job_runs.h"

#include <fmt/format.h>

#include "agent/services/house.h"
#include "agent/services/queue.h"
#include "agent/services/run_flow.h"

namespace totpilot::services {
namespace {

task<nlohmann::ordered_json> recover_one_account(House& house, std::string account, ProgressListener& listener,
                                                 const JobFrame& frame) {
  const Recovered done = co_await recover(house, {account}, listener, &frame);
  // Of a single account: what failed there is how the job ended.
  if (!done.failed.empty()) throw Failure(done.failed.front().outcome, done.failed.front().message);
  co_return to_json(done);
}

task<nlohmann::ordered_json> run_kind(House& house, const jobs::Taken& taken, ProgressListener& listener,
                                      const JobFrame& frame) {
  const std::string& kind = taken.row.kind;
  const auto request = nlohmann::json::parse(taken.row.request, nullptr, false);
  if (!request.is_object()) throw Failure(Outcome::kInternal, "the job's request cannot be read");
  const std::string account = taken.row.account.str();
  if (kind == "enroll")
    co_return to_json(co_await enroll(house, {account, request.value("accept_rotate", false)}, listener, &frame));
  if (kind == "login") co_return to_json(co_await login(house, {account}, listener, &frame));
  if (kind == "disable") co_return to_json(co_await disable(house, {account}, listener, &frame));
  if (kind == "check") co_return to_json(co_await check(house, {account}, listener, &frame));
  if (kind == "recovery_codes") co_return to_json(co_await regenerate_codes(house, {account}, listener, &frame));
  if (kind == "recover") co_return co_await recover_one_account(house, account, listener, frame);
  throw Failure(Outcome::kInternal, fmt::format("nobody knows how to run a job of the kind {}", kind));
}

}  // namespace

task<std::string> run_job(House& house, jobs::Taken taken) {
  StepEvents steps(house.desk().hub(), house.clock(), taken.row.id);
  const JobFrame frame{.claimed = taken.claimed, .ask = [&house, claimed = taken.claimed](std::string what) {
                         return house.desk().ask(house, claimed, std::move(what));
                       }};
  const auto result = co_await run_kind(house, taken, steps, frame);
  co_return result.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

jobs::DispatcherSettings dispatcher_settings(const House& house) {
  const config::JobConfig& jobs = house.config().jobs;
  return {.at_once = jobs.at_once,
          .drain = jobs.drain,
          .most_attempts = jobs.attempts,
          .take = {
              .reports = house.reports(),
              .turns = {.most_per_lane = jobs.per_app, .breaker_after = jobs.breaker_after, .lane_gap = jobs.app_gap}}};
}

}  // namespace totpilot::services
