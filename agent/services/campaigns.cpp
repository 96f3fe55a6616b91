#include "agent/services/campaigns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "agent/base/counted.h"
#include "agent/base/failure.h"
#include "agent/services/account_rules.h"
#include "agent/services/campaign_plan.h"
#include "agent/services/csv.h"
#include "agent/services/prospects.h"
#include "agent/services/rows.h"

namespace totpilot::services {
namespace {

using store::CampaignRow;
using store::CampaignState;
using store::ItemState;

constexpr int kMostCanary = 1000;

void require_plan(const PlanCampaign& request) {
  require_account_name(request.name);
  require_plannable(request.kind);
  if (request.tag.empty() != request.csv.has_value())
    throw Failure(Outcome::kInvalidInput, "a campaign is for the accounts of a tag, or for those of a file",
                  "give one of tag and csv");
  if (request.canary < 0 || request.canary > kMostCanary)
    throw Failure(Outcome::kInvalidInput, fmt::format("canary: it goes from 0 to {}", kMostCanary));
  if (request.stop_after_failures < 0)
    throw Failure(Outcome::kInvalidInput, "stop_after_failures: it is 1 or more, or 0 for never");
}

CampaignView view_of_campaign(store::ReadTransaction& transaction, CampaignRow row) {
  CampaignView view{.row = std::move(row), .counts = {}, .items = {}};
  view.counts = store::count_campaign_items(transaction, view.row.id);
  return view;
}

CampaignView keep_plan(store::WriteTransaction& transaction, const Caller& caller, const PlanCampaign& request,
                       const std::vector<PlannedItem>& items, TimePoint now) {
  CampaignRow row;
  row.id = CampaignId::make(now);
  row.name = request.name;
  row.kind = request.kind;
  row.canary = request.canary;
  row.stop_after_failures = request.stop_after_failures;
  row.created_by = caller.name;
  row.created = now;
  store::insert_campaign(transaction, row);
  int position = 0;
  for (const PlannedItem& item : items) {
    store::CampaignItemRow kept;
    kept.campaign = row.id;
    kept.position = ++position;
    kept.account = item.account;
    kept.name = item.name;
    kept.plan = item.plan;
    kept.state = item.plan == request.kind ? ItemState::kWaiting : ItemState::kLeftOut;
    store::insert_campaign_item(transaction, kept);
  }
  return view_of_campaign(transaction, std::move(row));
}

CampaignPlan make_plan(House& house, const Caller& caller, const PlanCampaign& request, const Roster& roster) {
  return house.store().write([&](store::WriteTransaction& transaction) {
    CampaignPlanner planner(house, caller, request, transaction);
    if (request.csv) {
      planner.plan_roster(roster);
    } else {
      planner.plan_tag();
    }
    CampaignPlan plan{.campaign = {}, .items = planner.take(), .remarks = roster.remarks};
    if (plan.items.empty())
      throw Failure(Outcome::kInvalidInput,
                    request.csv ? "the file has no account" : fmt::format("no account has the tag {}", request.tag));
    if (!request.dry_run) plan.campaign = keep_plan(transaction, caller, request, plan.items, house.clock().now());
    return plan;
  });
}

/// Those that would be run, and whose codes nobody but the caller could read.
std::vector<std::string> alone(store::ReadTransaction& transaction, const OtherReaders& readers, const CampaignId& id) {
  std::vector<std::string> names;
  for (const auto& item : store::list_campaign_items(transaction, id))
    if (item.state == ItemState::kWaiting && !readers.can_read(item.account)) names.push_back(item.name);
  return names;
}

void require_readers(store::ReadTransaction& transaction, const Caller& caller, const CampaignRow& row, TimePoint now) {
  const OtherReaders readers(transaction, caller, now);
  if (!readers.any_members()) return;
  const auto names = alone(transaction, readers, row.id);
  if (names.empty()) return;
  throw Failure(Outcome::kInvalidInput, fmt::format("nobody else could read the codes of {}", fmt::join(names, ", ")),
                "share them first (totpilot share add), or say that this is wanted (accept_alone)");
}

struct Move {
  CampaignState to = CampaignState::kCanary;
  std::vector<CampaignState> from;
  std::string remark;
};

CampaignView move_to(store::WriteTransaction& transaction, const CampaignRow& row, const Move& move, TimePoint now) {
  if (std::ranges::find(move.from, row.state) == move.from.end())
    throw Failure(Outcome::kInvalidInput,
                  fmt::format("the campaign {} is {}", row.name, store::campaign_state_name(row.state)),
                  "totpilot campaign show says how it stands");
  store::move_campaign(transaction, row.id, {row.state, move.to, move.remark, now});
  return view_of_campaign(transaction, store::require_campaign(transaction, row.id.str()));
}

template <class Work>
task<CampaignView> change_campaign(House& house, std::string campaign, Work work) {
  co_await house.open_store();
  auto view = co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      return work(transaction, store::require_campaign(transaction, campaign));
    });
  });
  house.desk().plans_changed();
  co_return view;
}

nlohmann::ordered_json json_of(const store::CampaignItemRow& item) {
  return {{"account", item.name},     {"plan", item.plan},       {"state", store::item_state_name(item.state)},
          {"job", json_id(item.job)}, {"outcome", item.outcome}, {"message", item.message}};
}

}  // namespace

nlohmann::ordered_json to_json(const CampaignView& campaign) {
  const CampaignRow& row = campaign.row;
  const auto& counts = campaign.counts;
  nlohmann::ordered_json json{{"id", row.id.str()},
                              {"name", row.name},
                              {"kind", row.kind},
                              {"state", store::campaign_state_name(row.state)},
                              {"canary", row.canary},
                              {"stop_after_failures", row.stop_after_failures},
                              {"remark", row.remark},
                              {"counts",
                               {{"left_out", counts.left_out},
                                {"waiting", counts.waiting},
                                {"submitted", counts.submitted},
                                {"done", counts.done},
                                {"failed", counts.failed},
                                {"cancelled", counts.cancelled}}},
                              {"created_by", row.created_by},
                              {"created", to_iso(row.created)},
                              {"started", json_time(row.started)},
                              {"ended", json_time(row.ended)}};
  if (campaign.items.empty()) return json;
  json["items"] = nlohmann::ordered_json::array();
  for (const auto& item : campaign.items) json["items"].push_back(json_of(item));
  return json;
}

nlohmann::ordered_json to_json(const CampaignPlan& plan) {
  nlohmann::ordered_json items = nlohmann::ordered_json::array();
  nlohmann::ordered_json lonely = nlohmann::ordered_json::array();
  for (const PlannedItem& item : plan.items) {
    items.push_back({{"account", item.name}, {"plan", item.plan}, {"added", item.added}});
    if (!item.readable && item.plan != "name_clash") lonely.push_back(item.name);
  }
  return {{"campaign", plan.campaign ? to_json(*plan.campaign) : nlohmann::ordered_json()},
          {"items", std::move(items)},
          {"read_by_nobody_else", std::move(lonely)},
          {"remarks", plan.remarks}};
}

task<CampaignPlan> plan_campaign(House& house, const Caller& caller, PlanCampaign request) {
  require_plan(request);
  Roster roster;
  if (request.csv) {
    roster = read_roster(*request.csv, {.app = request.app, .insecure_http = request.insecure_http});
    request.csv.emplace();  // it is read: the fewer copies the better
  }
  if (std::ranges::any_of(roster.lines, [](const RosterLine& line) { return !line.password.empty(); })) {
    co_await house.open_vault();
  } else {
    co_await house.open_store();
  }
  co_return co_await house.blocking([&] { return make_plan(house, caller, request, roster); });
}

task<CampaignView> start_campaign(House& house, const Caller& caller, StartCampaign request) {
  co_return co_await change_campaign(
      house, request.campaign, [&](store::WriteTransaction& transaction, const CampaignRow& row) {
        const TimePoint now = house.clock().now();
        if (store::count_campaign_items(transaction, row.id).waiting == 0)
          throw Failure(Outcome::kInvalidInput, fmt::format("there is nothing to do for the campaign {}", row.name),
                        "totpilot campaign show says why each account is left out");
        if (!request.accept_alone) require_readers(transaction, caller, row, now);
        const auto first = row.canary > 0 ? CampaignState::kCanary : CampaignState::kRunning;
        return move_to(transaction, row, {first, {CampaignState::kPlanned}, ""}, now);
      });
}

task<CampaignView> pause_campaign(House& house, std::string campaign) {
  co_return co_await change_campaign(
      house, campaign, [&](store::WriteTransaction& transaction, const CampaignRow& row) {
        return move_to(transaction, row,
                       {CampaignState::kPaused, {CampaignState::kCanary, CampaignState::kRunning}, "by hand"},
                       house.clock().now());
      });
}

task<CampaignView> resume_campaign(House& house, std::string campaign) {
  // From the canary on: where it has gone well already, that is known from its items.
  co_return co_await change_campaign(
      house, campaign, [&](store::WriteTransaction& transaction, const CampaignRow& row) {
        return move_to(transaction, row, {CampaignState::kCanary, {CampaignState::kPaused}, ""}, house.clock().now());
      });
}

task<CampaignView> stop_campaign(House& house, std::string campaign) {
  co_return co_await change_campaign(
      house, campaign, [&](store::WriteTransaction& transaction, const CampaignRow& row) {
        return move_to(
            transaction, row,
            {CampaignState::kStopped,
             {CampaignState::kPlanned, CampaignState::kCanary, CampaignState::kRunning, CampaignState::kPaused},
             "by hand"},
            house.clock().now());
      });
}

task<std::vector<CampaignView>> list_campaigns(House& house) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().read([&](store::ReadTransaction& transaction) {
      std::vector<CampaignView> views;
      for (auto& row : store::list_campaigns(transaction))
        views.push_back(view_of_campaign(transaction, std::move(row)));
      return views;
    });
  });
}

task<CampaignView> show_campaign(House& house, std::string campaign) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().read([&](store::ReadTransaction& transaction) {
      CampaignView view = view_of_campaign(transaction, store::require_campaign(transaction, campaign));
      view.items = store::list_campaign_items(transaction, view.row.id);
      return view;
    });
  });
}

task<std::string> campaign_result(House& house, std::string campaign) {
  const CampaignView view = co_await show_campaign(house, campaign);
  std::string csv = csv_line({"account", "plan", "state", "outcome", "message", "job"});
  for (const auto& item : view.items)
    csv += csv_line({item.name, item.plan, std::string(store::item_state_name(item.state)), item.outcome, item.message,
                     item.job.str()});
  co_return csv;
}

}  // namespace totpilot::services
