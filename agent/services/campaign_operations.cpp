#include <array>

#include "agent/services/campaigns.h"
#include "agent/services/form.h"
#include "agent/services/perform.h"

namespace totpilot::services {
namespace {

using enum Scope;

struct NameCampaign {
  std::string campaign;
};

constexpr Form kNameCampaign{text("campaign", &NameCampaign::campaign, kRequired, "the campaign's name or id")};

constexpr Form kPlanCampaign{
    text("name", &PlanCampaign::name, kRequired, "what it is called here"),
    text("kind", &PlanCampaign::kind, kOptional, "enroll, check or login; enroll when not given"),
    text("tag", &PlanCampaign::tag, kOptional, "the accounts that have this tag"),
    secret("csv", &PlanCampaign::csv, kOptional, "or a CSV file, whose accounts are added and passwords sealed"),
    text("app", &PlanCampaign::app, kOptional, "the playbook of accounts in the file that name none"),
    integer("canary", &PlanCampaign::canary, kOptional, "so many accounts first; 1 when not given"),
    integer("stop_after_failures", &PlanCampaign::stop_after_failures, kOptional,
            "stops after so many; 3 when not given, 0: never"),
    flag("insecure_http", &PlanCampaign::insecure_http, "plain http to other machines is wanted"),
    flag("dry_run", &PlanCampaign::dry_run, "only told; nothing is kept"),
};

constexpr Form kStartCampaign{
    text("campaign", &StartCampaign::campaign, kRequired, "the campaign's name or id"),
    flag("accept_alone", &StartCampaign::accept_alone, "also where nobody else could read an account's codes"),
};

task<nlohmann::ordered_json> run_plan_campaign(Call& call) {
  co_return to_json(co_await plan_campaign(call.house, call.caller, kPlanCampaign.read(call.arguments)));
}

task<nlohmann::ordered_json> run_start_campaign(Call& call) {
  co_return to_json(co_await start_campaign(call.house, call.caller, kStartCampaign.read(call.arguments)));
}

task<nlohmann::ordered_json> run_list_campaigns(Call& call) {
  check_arguments(call.arguments, {});
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& one : co_await list_campaigns(call.house)) list.push_back(to_json(one));
  co_return nlohmann::ordered_json{{"campaigns", std::move(list)}};
}

template <task<CampaignView> (*service)(House&, std::string)>
task<nlohmann::ordered_json> run_named_campaign(Call& call) {
  co_return to_json(co_await service(call.house, kNameCampaign.read(call.arguments).campaign));
}

task<nlohmann::ordered_json> run_campaign_result(Call& call) {
  std::string csv = co_await campaign_result(call.house, kNameCampaign.read(call.arguments).campaign);
  co_return nlohmann::ordered_json{{"csv", std::move(csv)}};
}

constexpr std::array kCampaignRows = {
    Operation{"campaign.list", kRead, "lists campaigns", Verb::kGet, "/campaigns", {}, &run_list_campaigns},
    Operation{"campaign.pause", kRun, "submits no more of a campaign's jobs for now", Verb::kPost,
              "/campaigns/{campaign}/pause", kNameCampaign.fields(), &run_named_campaign<pause_campaign>},
    Operation{"campaign.plan", kManage, "says what a campaign would do for each account, and keeps the plan",
              Verb::kPost, "/campaigns", kPlanCampaign.fields(), &run_plan_campaign},
    Operation{"campaign.result", kRead, "gives what became of each account, as CSV", Verb::kGet,
              "/campaigns/{campaign}/result", kNameCampaign.fields(), &run_campaign_result},
    Operation{"campaign.resume", kRun, "goes on with a paused campaign", Verb::kPost, "/campaigns/{campaign}/resume",
              kNameCampaign.fields(), &run_named_campaign<resume_campaign>},
    Operation{"campaign.show", kRead, "shows a campaign with its accounts", Verb::kGet, "/campaigns/{campaign}",
              kNameCampaign.fields(), &run_named_campaign<show_campaign>},
    Operation{"campaign.start", kRun, "starts a planned campaign with its canary", Verb::kPost,
              "/campaigns/{campaign}/start", kStartCampaign.fields(), &run_start_campaign},
    Operation{"campaign.stop", kRun, "stops a campaign for good; jobs that have not begun are cancelled", Verb::kPost,
              "/campaigns/{campaign}/stop", kNameCampaign.fields(), &run_named_campaign<stop_campaign>},
};

}  // namespace

std::span<const Operation> campaign_operations() { return kCampaignRows; }

}  // namespace totpilot::services
