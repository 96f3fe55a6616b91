#include "agent/services/perform.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "agent/base/failure.h"
#include "agent/services/admission.h"
#include "agent/services/audit_trail.h"
#include "agent/services/house.h"
#include "agent/services/roles.h"
#include "agent/services/shares.h"
#include "agent/store/jobs.h"

namespace totpilot::services {
namespace {

using Json = nlohmann::ordered_json;

std::string text_in(const nlohmann::json& arguments, const char* name) {
  const auto found = arguments.is_object() ? arguments.find(name) : arguments.end();
  return found != arguments.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The thing that the act is about beside the account: what it names by id or name, never a free text.
std::string object_of(const nlohmann::json& arguments) {
  for (const char* name : {"factor", "job", "member", "team", "token", "share", "approval", "schedule", "campaign"})
    if (std::string value = text_in(arguments, name); !value.empty() && value.size() <= 128) return value;
  return {};
}

Act act_of(const Operation& operation, const nlohmann::json& arguments) {
  Act act{
      .name = std::string(operation.name), .account = text_in(arguments, "account"), .object = object_of(arguments)};
  // Whose name a thing gets is part of what was done.
  if (const std::string name = text_in(arguments, "name"); !name.empty()) act.detail["name"] = name.substr(0, 128);
  return act;
}

/// Who made an account owns it.
task<void> own_what_was_made(const Operation& operation, const Call& call, const Json& result) {
  if (operation.name != "account.add" || !call.caller.member || !result.contains("name")) co_return;
  const std::string name = result["name"];
  AddShare share;
  share.account = name;
  share.member = call.caller.member->str();
  share.role = account_role_name(AccountRole::kOwner);
  co_await add_share(call.house, call.caller, std::move(share));
}

/// Lists that hold something of every account, and what names the account in them.
struct MixedList {
  std::string_view operation;
  const char* list;
  const char* account;
};
constexpr std::array kMixedLists = {MixedList{"account.list", "accounts", "id"},
                                    MixedList{"job.events", "events", "account"},
                                    MixedList{"job.list", "jobs", "account"}};

/// Such a list holds what the caller may see; a page may be shorter for it.
task<void> keep_what_is_seen(const Operation& operation, const Call& call, Json& result) {
  const auto* mixed = std::ranges::find(kMixedLists, operation.name, &MixedList::operation);
  if (mixed == kMixedLists.end() || sees_all(call.caller)) co_return;
  result[mixed->list] = co_await call.house.blocking([&] {
    Json seen = Json::array();
    for (Json& one : result[mixed->list])
      if (one[mixed->account].is_string() && may_see(call.house, call.caller, one[mixed->account].get<std::string>()))
        seen.push_back(std::move(one));
    return seen;
  });
}

/// A job is about its account.
task<std::string> account_of_job(House& house, std::string job) {
  if (job.empty() || !house.has_store()) co_return std::string();
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    const auto row = house.store().read(
        [&](store::ReadTransaction& transaction) { return store::find_job(transaction, JobId::from(job)); });
    return row ? row->account.str() : std::string();
  });
}

task<Json> run_row(const Operation& operation, Call& call) {
  Json result = co_await operation.run(call);
  co_await own_what_was_made(operation, call, result);
  co_await keep_what_is_seen(operation, call, result);
  co_return result;
}

}  // namespace

void require_allowed(const Operation& operation, const Caller& caller) {
  if (!operation.exposed() || operation.run == nullptr)
    throw Failure(Outcome::kForbidden, fmt::format("{} is done on the machine itself", operation.name),
                  "run totpilot there, as the user who owns the state directory");
  if (!caller.scopes.contains(operation.scope))
    throw Failure(Outcome::kForbidden, fmt::format("{} wants the scope {}, which {} does not have", operation.name,
                                                   scope_name(operation.scope), caller.name));
}

task<Json> perform_with(const Operation& operation, Call& call, task<Json> work) {
  Act act = act_of(operation, call.arguments);
  if (act.account.empty()) act.account = co_await account_of_job(call.house, text_in(call.arguments, "job"));
  const Rule* rule = nullptr;
  std::optional<Failure> refused;
  try {
    require_allowed(operation, call.caller);
    rule = co_await admit(call.house, call.caller, std::string(operation.name), {act.account, act.object});
  } catch (const Failure& failure) {
    refused = failure;
  }
  if (refused) {
    // Who tries what they may not is worth a line.
    if (call.house.has_store()) co_await record_failure(call.house, call.caller, std::move(act), refused->code());
    throw *std::move(refused);
  }
  co_return co_await with_records(call.house, call.caller, std::move(act), rule->audited, std::move(work));
}

task<Json> perform(const Operation& operation, Call& call) {
  return perform_with(operation, call, run_row(operation, call));
}

}  // namespace totpilot::services
