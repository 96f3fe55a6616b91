#include <array>

#include "agent/services/name_account.h"
#include "agent/services/perform.h"
#include "agent/services/runs.h"

namespace totpilot::services {
namespace {

using enum Scope;
using enum Operation::Answer;

constexpr Form kEnroll{
    text("account", &Enroll::account, kRequired, "the account's name or id"),
    flag("accept_rotate", &Enroll::accept_rotate, "go on although opening the setup page replaces a live secret"),
};

task<nlohmann::ordered_json> run_enroll(Call& call) {
  co_return to_json(co_await enroll(call.house, kEnroll.read(call.arguments), call.listener));
}

task<nlohmann::ordered_json> run_login(Call& call) {
  co_return to_json(co_await login(call.house, {kNameAccount.read(call.arguments).account}, call.listener));
}

task<nlohmann::ordered_json> run_disable(Call& call) {
  co_return to_json(co_await disable(call.house, {kNameAccount.read(call.arguments).account}, call.listener));
}

task<nlohmann::ordered_json> run_check(Call& call) {
  co_return to_json(co_await check(call.house, {kNameAccount.read(call.arguments).account}, call.listener));
}

task<nlohmann::ordered_json> run_recover(Call& call) {
  co_return to_json(co_await recover(call.house, {kNameAccount.read(call.arguments).account}, call.listener));
}

task<nlohmann::ordered_json> run_new_recovery_codes(Call& call) {
  co_return to_json(co_await regenerate_codes(call.house, {kNameAccount.read(call.arguments).account}, call.listener));
}

constexpr std::array kRunRows = {
    Operation{"recovery_codes.new", kRun, "lets the app make new recovery codes", Verb::kPost,
              "/accounts/{account}/recovery-codes", kNameAccount.fields(), &run_new_recovery_codes, kJob},
    Operation{"run.check", kRun, "asks the app whether MFA is on and our secret right", Verb::kPost,
              "/accounts/{account}/check", kNameAccount.fields(), &run_check, kJob},
    Operation{"run.disable", kRun, "turns MFA off", Verb::kPost, "/accounts/{account}/disable", kNameAccount.fields(),
              &run_disable, kJob},
    Operation{"run.enroll", kRun, "turns MFA on and proves it", Verb::kPost, "/accounts/{account}/enroll",
              kEnroll.fields(), &run_enroll, kJob},
    Operation{"run.login", kRun, "signs in; the session stays sealed in the store", Verb::kPost,
              "/accounts/{account}/login", kNameAccount.fields(), &run_login, kJob},
    Operation{"run.recover", kRun, "settles what a crash left open", Verb::kPost, "/accounts/{account}/recover",
              kNameAccount.fields(), &run_recover, kJob},
};

}  // namespace

std::span<const Operation> run_operations() { return kRunRows; }

}  // namespace totpilot::services
