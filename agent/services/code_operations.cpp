#include <array>

#include "agent/services/codes.h"
#include "agent/services/name_account.h"
#include "agent/services/perform.h"

namespace totpilot::services {
namespace {

using enum Scope;
using enum Operation::Answer;

constexpr Form kListRecoveryCodes{
    text("account", &ListRecoveryCodes::account, kRequired, "the account's name or id"),
    flag("all", &ListRecoveryCodes::all, "also those that the app has replaced"),
};

task<nlohmann::ordered_json> code_of(Call& call, Freshness freshness) {
  GetCode request{.account = kNameAccount.read(call.arguments).account, .freshness = freshness, .by = call.caller.name};
  co_return to_json(co_await get_code(call.house, std::move(request), call.deadline, call.listener));
}

task<nlohmann::ordered_json> run_show_code(Call& call) { return code_of(call, Freshness::kNow); }
task<nlohmann::ordered_json> run_claim_code(Call& call) { return code_of(call, Freshness::kFresh); }

task<nlohmann::ordered_json> recovery_codes_of(Call& call, Reveal reveal) {
  ListRecoveryCodes request = kListRecoveryCodes.read(call.arguments);
  request.reveal = reveal;
  co_return to_json(co_await list_recovery_codes(call.house, std::move(request)));
}

task<nlohmann::ordered_json> run_list_recovery_codes(Call& call) { return recovery_codes_of(call, Reveal::kMasked); }
task<nlohmann::ordered_json> run_show_recovery_codes(Call& call) { return recovery_codes_of(call, Reveal::kRevealed); }

task<nlohmann::ordered_json> run_use_recovery_code(Call& call) {
  UseRecoveryCode request{.account = kNameAccount.read(call.arguments).account, .by = call.caller.name};
  co_return to_json(co_await use_recovery_code(call.house, std::move(request)));
}

constexpr std::array kCodeRows = {
    Operation{"code.claim", kCodes, "gives a one-time code that nobody has used or seen, and waits for it", Verb::kPost,
              "/accounts/{account}/totp/claim", kNameAccount.fields(), &run_claim_code, kSecret},
    Operation{"code.get", kCodes, "shows the one-time code of this moment; spends nothing", Verb::kGet,
              "/accounts/{account}/totp", kNameAccount.fields(), &run_show_code, kSecret},
    Operation{"recovery_codes.list", kRead, "lists recovery codes, masked", Verb::kGet,
              "/accounts/{account}/recovery-codes", kListRecoveryCodes.fields(), &run_list_recovery_codes},
    Operation{"recovery_codes.show", kCodes, "lists recovery codes in clear", Verb::kGet,
              "/accounts/{account}/recovery-codes/revealed", kListRecoveryCodes.fields(), &run_show_recovery_codes,
              kSecret},
    Operation{"recovery_codes.use", kCodes, "gives one recovery code and marks it used", Verb::kPost,
              "/accounts/{account}/recovery-codes/use", kNameAccount.fields(), &run_use_recovery_code, kSecret},
};

}  // namespace

std::span<const Operation> code_operations() { return kCodeRows; }

}  // namespace totpilot::services
