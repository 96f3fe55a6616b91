#include "agent/services/campaign_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/base/log.h"
#include "agent/services/account_rules.h"
#include "agent/services/prospects.h"
#include "agent/store/access.h"
#include "agent/store/members.h"

namespace totpilot::services {

CampaignPlanner::CampaignPlanner(House& house, const Caller& caller, const PlanCampaign& request,
                                 store::WriteTransaction& transaction)
    : house_(house),
      caller_(caller),
      request_(request),
      transaction_(transaction),
      readers_(transaction, caller, house.clock().now()),
      now_(house.clock().now()),
      library_(house.library()) {}

std::string CampaignPlanner::plan_of(const store::AccountRow& account) {
  Prospect prospect = prospect_of(transaction_, account, request_.kind);
  const bool by_playbook = prospect == Prospect::kRuns || prospect == Prospect::kNoPassword;
  if (by_playbook && !playbook_of(account.app)) prospect = Prospect::kNoPlaybook;
  return std::string(prospect_name(prospect, request_.kind));
}

void CampaignPlanner::plan_tag() {
  for (const auto& account : accounts_named(transaction_, request_.tag, {}))
    items_.push_back({.account = account.id,
                      .name = account.name,
                      .plan = plan_of(account),
                      .readable = readers_.can_read(account.id)});
}

void CampaignPlanner::plan_roster(const Roster& roster) {
  for (const RosterLine& line : roster.lines) plan_line(line);
  refuse_lines(problems_);
}

void CampaignPlanner::plan_line(const RosterLine& line) {
  const Access access = access_of(line);
  auto account = store::find_account_by_name(transaction_, line.name);
  if (account && (account->username != line.username || account->base_url != line.url)) {
    items_.push_back({.account = {}, .name = line.name, .plan = "name_clash"});
    return;
  }
  const bool added = !account;
  if (added) {
    require_origins(line);
    account = new_account(line);
  }
  if (!line.password.empty() && account->sealed_password.empty() && account->password_file.empty() &&
      account->password_command.empty())
    account->sealed_password = house_.vault().seal(vault::password_context(account->id), line.password);
  PlannedItem item{.account = account->id, .name = line.name, .plan = plan_of(*account), .added = added};
  // The file holds its key: MFA is on, and another tool makes its codes.
  if (line.has_totp && item.plan == "enroll") item.plan = "already_on";
  item.readable = access.others || readers_.can_read(added ? AccountId() : account->id);
  if (!request_.dry_run) {
    if (added) store::insert_account(transaction_, *account);
    if (!added) store::update_account(transaction_, *account);
    put_shares(account->id, access);
  }
  items_.push_back(std::move(item));
}

store::AccountRow CampaignPlanner::new_account(const RosterLine& line) {
  store::AccountRow account;
  account.id = AccountId::make(now_);
  account.name = line.name;
  account.username = line.username;
  account.base_url = line.url;
  account.app = line.app;
  account.origins = line.origins;
  account.insecure_http = request_.insecure_http;
  account.tags = line.tags;
  account.notes = line.notes;
  account.created = account.updated = now_;
  return account;
}

const std::optional<playbook::Playbook>& CampaignPlanner::playbook_of(const std::string& app) {
  const auto [known, fresh] = apps_.try_emplace(app);
  if (!fresh) return known->second;
  try {
    known->second = library_.find(app);
  } catch (const Failure& failure) {
    log::info("accounts of {} cannot be planned: {}", app, failure.message());
  }
  return known->second;
}

void CampaignPlanner::require_origins(const RosterLine& line) {
  if (line.app.empty() || !playbook_of(line.app)) return;
  const playbook::Playbook& playbook = *playbook_of(line.app);
  try {
    require_accepted_origins(playbook.app, playbook.needs_origins, line.origins);
  } catch (const Failure& failure) {
    problems_.push_back(fmt::format("line {}: {}; name them in a column origins", line.line, failure.message()));
  }
}

CampaignPlanner::Access CampaignPlanner::access_of(const RosterLine& line) {
  Access access;
  if (!line.owner.empty()) add_share(access, line, line.owner, "owner");
  for (const std::string& name : line.shares) add_share(access, line, name, "collaborator");
  return access;
}

void CampaignPlanner::add_share(Access& access, const RosterLine& line, const std::string& name,
                                std::string_view role) {
  store::ShareRow share;
  share.role = role;
  share.created = now_;
  share.created_by = caller_.name;
  if (const auto member = store::find_member_by_name(transaction_, name)) {
    share.member = member->id;
    access.others = access.others || readers_.includes(share.member);
  } else {
    const auto teams = store::list_teams(transaction_);
    const auto team = std::ranges::find(teams, name, &store::TeamRow::name);
    if (team == teams.end() || role == "owner") {
      problems_.push_back(fmt::format("line {}: its {} names nobody who is there", line.line,
                                      role == "owner" ? "owner" : "column shares"));
      return;
    }
    share.team = team->id;
    access.others = access.others || readers_.includes(share.team);
  }
  access.shares.push_back(std::move(share));
}

void CampaignPlanner::put_shares(const AccountId& account, const Access& access) {
  for (store::ShareRow share : access.shares) {
    share.id = ShareId::make(now_);
    share.account = account;
    store::put_share(transaction_, share);
  }
}

}  // namespace totpilot::services
