#include "agent/services/job_desk.h"

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include "agent/services/house.h"
#include "agent/store/jobs.h"
#include "agent/vault/seal_context.h"

namespace totpilot::services {
namespace {

Failure nobody_answered(const std::string& what, TimePoint until) {
  return Failure(Outcome::kNeedsInput, fmt::format("nobody gave {} before {}", what, to_iso(until)),
                 "start the job again when somebody is there to answer");
}

store::JobFence fence_for(House& house, const jobs::Claimed& claimed) {
  return {claimed.lease.job, house.worker().id(), claimed.lease.generation};
}

void put_question(House& house, const jobs::Claimed& claimed, const std::string& what, TimePoint until) {
  const std::string input =
      nlohmann::json{{"what", what}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const bool ours = house.store().write([&](store::WriteTransaction& transaction) {
    return store::ask_for_input(transaction, fence_for(house, claimed), {input, house.clock().now(), until});
  });
  if (!ours) throw Failure(Outcome::kBusy, "another worker has taken the job over", "the other run goes on");
}

/// The answer that is in the row, taken out of it; nothing when there is none.
std::optional<Secret> take_answer_of(House& house, const jobs::Claimed& claimed) {
  const auto job = house.store().read(
      [&](store::ReadTransaction& transaction) { return store::find_job(transaction, claimed.lease.job); });
  if (!job || job->sealed_answer.empty()) return std::nullopt;
  Secret answer = house.vault().unseal(vault::job_answer_context(job->id), job->sealed_answer);
  const bool ours = house.store().write([&](store::WriteTransaction& transaction) {
    return store::take_answer(transaction, fence_for(house, claimed), house.clock().now());
  });
  if (!ours) throw Failure(Outcome::kBusy, "another worker has taken the job over", "the other run goes on");
  return answer;
}

}  // namespace

/// A job's place among those that wait, for as long as it does.
class JobDesk::Parked {
 public:
  Parked(JobDesk& desk, JobId job, ReplySlot<bool>& slot) : desk_(desk), job_(std::move(job)) {
    desk_.waiting_[job_] = &slot;
    if (desk_.dispatcher_ != nullptr) desk_.dispatcher_->set_parked(job_, true);
  }
  ~Parked() {
    desk_.waiting_.erase(job_);
    if (desk_.dispatcher_ != nullptr) desk_.dispatcher_->set_parked(job_, false);
  }
  Parked(const Parked&) = delete;
  Parked& operator=(const Parked&) = delete;

 private:
  JobDesk& desk_;
  JobId job_;
};

void JobDesk::attach(jobs::Dispatcher* dispatcher, EventHub* hub) {
  dispatcher_ = dispatcher;
  hub_ = hub;
  if (dispatcher_ == nullptr) return;
  dispatcher_->on_change([this] {
    if (hub_ != nullptr) hub_->wake();
  });
  // Who follows a job stops at its end.
  dispatcher_->before_end([this] { return published(); });
}

task<void> JobDesk::published() {
  if (hub_ != nullptr) co_await hub_->flush();
}

void JobDesk::changed() {
  if (dispatcher_ != nullptr) dispatcher_->wake();
  if (hub_ != nullptr) hub_->wake();
}

void JobDesk::cancel(const JobId& job) {
  if (dispatcher_ != nullptr) dispatcher_->cancel(job);
}

void JobDesk::answered(const JobId& job) {
  const auto slot = waiting_.find(job);
  if (slot != waiting_.end()) slot->second->set(true);
  changed();
}

task<Secret> JobDesk::ask(House& house, jobs::Claimed claimed, std::string what) {
  const TimePoint until = house.clock().now() + house.config().jobs.input_wait;
  ReplySlot<bool> slot(co_await boost::asio::this_coro::executor);
  const Parked parked(*this, claimed.lease.job, slot);
  co_await published();  // the steps that led to the question stand before it
  co_await house.blocking([&] { put_question(house, claimed, what, until); });
  changed();
  try {
    co_await slot.wait(Deadline::after(house.config().jobs.input_wait), what);
  } catch (const Failure& failure) {
    if (failure.code() != Outcome::kTimedOut) throw;  // else the row says whether one came at the last moment
  }
  auto answer = co_await house.blocking([&] { return take_answer_of(house, claimed); });
  if (!answer) throw nobody_answered(what, until);
  changed();
  co_return std::move(*answer);
}

}  // namespace totpilot::services
