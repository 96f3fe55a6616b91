#include "agent/services/campaign_driver.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/base/counted.h"
#include "agent/base/failure.h"
#include "agent/base/log.h"
#include "agent/store/jobs.h"

namespace totpilot::services {
namespace {

using store::CampaignItemRow;
using store::CampaignRow;
using store::CampaignState;
using store::ItemState;

/// So many jobs of one campaign are in the queue at once; the queue has its own limits on top.
constexpr int kMostSubmitted = 20;

bool is_live(CampaignState state) { return state == CampaignState::kCanary || state == CampaignState::kRunning; }

/// Those of the items that take part, in their order; of the canary only its own.
std::vector<int> taking_part(const CampaignRow& campaign, const std::vector<CampaignItemRow>& items) {
  std::vector<int> part;
  for (std::size_t i = 0; i < items.size(); ++i)
    if (items[i].state != ItemState::kLeftOut) part.push_back(static_cast<int>(i));
  if (campaign.state == CampaignState::kCanary && std::ssize(part) > campaign.canary)
    part.resize(static_cast<std::size_t>(campaign.canary));
  return part;
}

struct Tally {
  std::vector<int> waiting;
  int submitted = 0;
  int failed = 0;
  int cancelled = 0;
  const CampaignItemRow* first_bad = nullptr;
};

Tally tally_of(const std::vector<CampaignItemRow>& items, const std::vector<int>& part) {
  Tally tally;
  for (const int index : part) {
    const CampaignItemRow& item = items[static_cast<std::size_t>(index)];
    if (item.state == ItemState::kWaiting) tally.waiting.push_back(index);
    if (item.state == ItemState::kSubmitted) ++tally.submitted;
    if (item.state == ItemState::kFailed) ++tally.failed;
    if (item.state == ItemState::kCancelled) ++tally.cancelled;
    const bool bad = item.state == ItemState::kFailed || item.state == ItemState::kCancelled;
    if (bad && tally.first_bad == nullptr) tally.first_bad = &item;
  }
  return tally;
}

std::string bad_end(const CampaignItemRow& item) {
  return item.message.empty() ? fmt::format("{}: {}", item.name, item.outcome)
                              : fmt::format("{}: {} ({})", item.name, item.message, item.outcome);
}

CampaignTurn stopped(std::string why) {
  return {.to = CampaignState::kStopped, .remark = std::move(why), .submit = {}};
}

/// `tally` is of the canary alone.
CampaignTurn canary_turn(const Tally& tally) {
  if (tally.first_bad != nullptr)
    return stopped(fmt::format("the canary did not go well: {}", bad_end(*tally.first_bad)));
  if (tally.waiting.empty() && tally.submitted == 0)
    return {.to = CampaignState::kRunning, .remark = "the canary went well", .submit = {}};
  return {.to = {}, .remark = {}, .submit = tally.waiting};
}

CampaignTurn running_turn(const CampaignRow& campaign, Tally tally) {
  const int limit = campaign.stop_after_failures;
  if (limit > 0 && tally.failed >= limit)
    return stopped(fmt::format("{}, the first of {}", counted(static_cast<std::size_t>(tally.failed), "failure"),
                               bad_end(*tally.first_bad)));
  if (tally.waiting.empty() && tally.submitted == 0) return {.to = CampaignState::kDone, .remark = {}, .submit = {}};
  const int most = limit > 0 ? std::min(kMostSubmitted, limit - tally.failed) : kMostSubmitted;
  const int more = std::clamp(most - tally.submitted, 0, static_cast<int>(tally.waiting.size()));
  tally.waiting.resize(static_cast<std::size_t>(more));
  return {.to = {}, .remark = {}, .submit = std::move(tally.waiting)};
}

/// How the item's job stands, put into the item. True when that is news.
bool take_end(CampaignItemRow& item, const std::optional<store::JobRow>& job) {
  if (!job) {
    item.state = ItemState::kCancelled;
    item.outcome = outcome_name(Outcome::kNotFound);
    item.message = "its job is gone, with its account or by age";
    return true;
  }
  if (!job->ended) return false;
  item.state = job->state == store::JobState::kDone        ? ItemState::kDone
               : job->state == store::JobState::kCancelled ? ItemState::kCancelled
                                                           : ItemState::kFailed;
  item.outcome = job->outcome;
  item.message = job->message;
  return true;
}

}  // namespace

CampaignTurn next_turn(const CampaignRow& campaign, const std::vector<CampaignItemRow>& items) {
  if (!is_live(campaign.state)) return {};
  Tally tally = tally_of(items, taking_part(campaign, items));
  return campaign.state == CampaignState::kCanary ? canary_turn(tally) : running_turn(campaign, std::move(tally));
}

CampaignDriver::CampaignDriver(const boost::asio::any_io_executor& executor, PlanParts parts, Cancel cancel)
    : parts_(std::move(parts)), cancel_(std::move(cancel)), alarm_(executor) {}

void CampaignDriver::stop() {
  stopping_ = true;
  wake();
}

task<void> CampaignDriver::run() {
  while (!stopping_) {
    std::optional<TimePoint> next;
    try {
      co_await look();
    } catch (const Failure& failure) {
      log::error("the campaigns could not be worked through: {}", failure.message());
      next = parts_.clock.now() + kNextTry;
    }
    if (!stopping_) co_await alarm_.wait(next, parts_.clock);
  }
}

task<void> CampaignDriver::look() {
  const auto campaigns = co_await run_blocking(parts_.pool, [this] {
    return parts_.store.read(
        [](store::ReadTransaction& transaction) { return store::list_live_campaigns(transaction); });
  });
  for (const CampaignRow& campaign : campaigns) co_await advance(campaign);
}

task<void> CampaignDriver::advance(CampaignRow campaign) {
  for (bool moved = true; moved;) {
    std::vector<JobId> to_cancel;
    const auto items = co_await run_blocking(parts_.pool, [&] { return settle(campaign, to_cancel); });
    const CampaignTurn turn = next_turn(campaign, items);
    for (const int index : turn.submit) co_await submit(campaign, items[static_cast<std::size_t>(index)]);
    moved = turn.to.has_value() && co_await move(campaign, turn);
    if (moved) campaign.state = *turn.to;
    for (const JobId& job : to_cancel) co_await cancel_(job);
  }
}

std::vector<CampaignItemRow> CampaignDriver::settle(const CampaignRow& campaign, std::vector<JobId>& to_cancel) {
  return parts_.store.write([&](store::WriteTransaction& transaction) {
    auto items = store::list_campaign_items(transaction, campaign.id);
    for (CampaignItemRow& item : items) {
      if (item.state != ItemState::kSubmitted) continue;
      const auto job = store::find_job(transaction, item.job);
      if (take_end(item, job)) {
        store::update_campaign_item(transaction, item);
      } else if (campaign.state == CampaignState::kStopped && job->state == store::JobState::kQueued) {
        to_cancel.push_back(item.job);
      }
    }
    return items;
  });
}

task<void> CampaignDriver::submit(const CampaignRow& campaign, CampaignItemRow item) {
  SubmitJob job;
  job.account = item.account.str();
  job.kind = campaign.kind;
  job.priority = kPlannedPriority;
  job.idempotency_key = item.account.str();
  job.requested_by = fmt::format("campaign:{}", campaign.id.str());
  item.state = ItemState::kSubmitted;
  try {
    const Submitted submitted = co_await parts_.submit(std::move(job));
    if (submitted.job) item.job = submitted.job->id;
  } catch (const Failure& failure) {
    if (is_passing(failure)) throw;
    item.state = ItemState::kFailed;
    item.outcome = outcome_name(failure.code());
    item.message = failure.message();
  }
  co_await run_blocking(parts_.pool, [&] {
    parts_.store.write([&](store::WriteTransaction& transaction) { store::update_campaign_item(transaction, item); });
  });
}

task<bool> CampaignDriver::move(const CampaignRow& campaign, const CampaignTurn& turn) {
  log::info("campaign {}: {}{}{}", campaign.name, store::campaign_state_name(*turn.to), turn.remark.empty() ? "" : ": ",
            turn.remark);
  co_return co_await run_blocking(parts_.pool, [&] {
    return parts_.store.write([&](store::WriteTransaction& transaction) {
      return store::move_campaign(transaction, campaign.id,
                                  {campaign.state, *turn.to, turn.remark, parts_.clock.now()});
    });
  });
}

}  // namespace totpilot::services
