#include "agent/store/campaigns.h"

#include <fmt/format.h>

#include "agent/base/failure.h"
#include "agent/store/query.h"
#include "agent/store/row_names.h"

namespace totpilot::store {
namespace {

constexpr std::string_view kSelectCampaigns =
    "SELECT id, name, kind, state, canary, stop_after_failures, remark, created_by, created, started, ended FROM "
    "campaigns ";

CampaignRow read_campaign(Row& row) {
  CampaignRow campaign;
  campaign.id = row.id<CampaignId>();
  campaign.name = row.text();
  campaign.kind = row.text();
  campaign.state = value_in(kCampaignStates, row.text());
  campaign.canary = row.number();
  campaign.stop_after_failures = row.number();
  campaign.remark = row.text();
  campaign.created_by = row.text();
  campaign.created = row.time();
  campaign.started = row.maybe_time();
  campaign.ended = row.maybe_time();
  return campaign;
}

CampaignItemRow read_campaign_item(Row& row) {
  CampaignItemRow item;
  item.campaign = row.id<CampaignId>();
  item.position = row.number();
  item.account = row.id<AccountId>();
  item.name = row.text();
  item.plan = row.text();
  item.state = value_in(kItemStates, row.text());
  item.job = row.id<JobId>();
  item.outcome = row.text();
  item.message = row.text();
  return item;
}

bool is_over(CampaignState state) { return state == CampaignState::kDone || state == CampaignState::kStopped; }

int& counter_of(CampaignCounts& counts, ItemState state) {
  switch (state) {
    case ItemState::kLeftOut:
      return counts.left_out;
    case ItemState::kWaiting:
      return counts.waiting;
    case ItemState::kSubmitted:
      return counts.submitted;
    case ItemState::kDone:
      return counts.done;
    case ItemState::kFailed:
      return counts.failed;
    case ItemState::kCancelled:
      return counts.cancelled;
  }
  return counts.left_out;
}

}  // namespace

std::string_view campaign_state_name(CampaignState state) { return name_in(kCampaignStates, state); }
std::string_view item_state_name(ItemState state) { return name_in(kItemStates, state); }

void insert_campaign(WriteTransaction& transaction, const CampaignRow& campaign) {
  Query insert(transaction,
               "INSERT INTO campaigns (id, name, kind, state, canary, stop_after_failures, remark, created_by, "
               "created, started, ended) VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k) ON CONFLICT DO NOTHING");
  insert.with(campaign.id).with(campaign.name).with(campaign.kind).with(name_in(kCampaignStates, campaign.state));
  insert.with(campaign.canary).with(campaign.stop_after_failures).with(campaign.remark).with(campaign.created_by);
  insert.with(campaign.created).with(campaign.started).with(campaign.ended);
  if (insert.run() == 0)
    throw Failure(Outcome::kAlreadyExists, fmt::format("there is a campaign named {} already", campaign.name));
}

void insert_campaign_item(WriteTransaction& transaction, const CampaignItemRow& item) {
  Query insert(transaction,
               "INSERT INTO campaign_items (campaign, position, account, name, plan, state, job, outcome, message) "
               "VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i)");
  insert.with(item.campaign).with(item.position).with(item.account).with(item.name).with(item.plan);
  insert.with(name_in(kItemStates, item.state)).with(item.job).with(item.outcome).with(item.message).run();
}

std::optional<CampaignRow> find_campaign(ReadTransaction& transaction, const CampaignId& id) {
  return Query(transaction, std::string(kSelectCampaigns) + "WHERE id = :a").with(id).first(read_campaign);
}

CampaignRow require_campaign(ReadTransaction& transaction, std::string_view name_or_id) {
  auto found =
      Query(transaction, std::string(kSelectCampaigns) + "WHERE name = :a").with(name_or_id).first(read_campaign);
  if (!found) found = find_campaign(transaction, CampaignId::from(std::string(name_or_id)));
  if (!found)
    throw Failure(Outcome::kNotFound, fmt::format("there is no campaign {}", name_or_id), "totpilot campaign list");
  return *std::move(found);
}

std::vector<CampaignRow> list_campaigns(ReadTransaction& transaction) {
  return Query(transaction, std::string(kSelectCampaigns) + "ORDER BY created DESC, id DESC").all(read_campaign);
}

std::vector<CampaignRow> list_live_campaigns(ReadTransaction& transaction) {
  return Query(transaction, std::string(kSelectCampaigns) +
                                "WHERE state IN ('canary', 'running') OR EXISTS (SELECT 1 FROM campaign_items i WHERE "
                                "i.campaign = campaigns.id AND i.state = 'submitted') ORDER BY created, id")
      .all(read_campaign);
}

bool move_campaign(WriteTransaction& transaction, const CampaignId& id, const CampaignStep& step) {
  Query update(transaction,
               "UPDATE campaigns SET state = :a, remark = :b, started = coalesce(started, :c), ended = :d WHERE id = "
               ":e AND state = :f");
  update.with(name_in(kCampaignStates, step.to)).with(step.remark).with(step.at);
  update.with(is_over(step.to) ? std::optional(step.at) : std::nullopt).with(id);
  return update.with(name_in(kCampaignStates, step.from)).run() > 0;
}

std::vector<CampaignItemRow> list_campaign_items(ReadTransaction& transaction, const CampaignId& id) {
  return Query(transaction,
               "SELECT campaign, position, account, name, plan, state, job, outcome, message FROM campaign_items WHERE "
               "campaign = :a ORDER BY position")
      .with(id)
      .all(read_campaign_item);
}

void update_campaign_item(WriteTransaction& transaction, const CampaignItemRow& item) {
  Query update(transaction,
               "UPDATE campaign_items SET state = :a, job = :b, outcome = :c, message = :d WHERE campaign = :e AND "
               "position = :f");
  update.with(name_in(kItemStates, item.state)).with(item.job).with(item.outcome).with(item.message);
  update.with(item.campaign).with(item.position).run();
}

CampaignCounts count_campaign_items(ReadTransaction& transaction, const CampaignId& id) {
  CampaignCounts counts;
  Query(transaction, "SELECT state, count(*) FROM campaign_items WHERE campaign = :a GROUP BY state")
      .with(id)
      .each([&](Row& row) {
        const ItemState state = value_in(kItemStates, row.text());
        counter_of(counts, state) = row.number();
      });
  return counts;
}

}  // namespace totpilot::store
