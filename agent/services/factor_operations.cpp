#include <array>

#include "agent/services/escrow.h"
#include "agent/services/factors.h"
#include "agent/services/name_account.h"
#include "agent/services/perform.h"

namespace totpilot::services {
namespace {

using enum Scope;
using enum Operation::Answer;

struct ListEscrow {
  std::string account;
};

constexpr Form kImportFactor{
    text("account", &ImportFactor::account, kRequired, "the account's name or id"),
    secret("material", &ImportFactor::material, kOptional, "a base32 key, or an otpauth or otpauth-migration URI"),
    flag("from_picture", &ImportFactor::from_picture, "the material was read from a picture of its QR code"),
    text("from_escrow", &ImportFactor::from_escrow, kOptional,
         "instead of the material: the id of a factor whose escrow copy is brought back"),
    text("algorithm", &ImportFactor::algorithm, kOptional, "of a bare key, where it is not SHA1"),
    integer("digits", &ImportFactor::digits, kOptional, "of a bare key, where it is not 6"),
    integer("period", &ImportFactor::period, kOptional, "of a bare key, in seconds, where it is not 30"),
    flag("odd_key", &ImportFactor::odd_key, "it is the key, although it does not look like one"),
    text("entry", &ImportFactor::entry, kOptional, "of a migration with several: the issuer or account name"),
    flag("confirmed", &ImportFactor::confirmed, "the app already asks for its codes"),
};

constexpr Form kNameFactor{
    text("account", &NameFactor::account, kRequired, "the account's name or id"),
    text("factor", &NameFactor::factor, kOptional,
         "the factor's id; without it the newest candidate, or for an export the one in use"),
};

constexpr Form kListEscrow{text("account", &ListEscrow::account, kOptional, "of this account alone")};

task<nlohmann::ordered_json> run_import_factor(Call& call) {
  co_return to_json(co_await import_factor(call.house, kImportFactor.read(call.arguments)));
}

task<nlohmann::ordered_json> run_list_factors(Call& call) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& one : co_await list_factors(call.house, kNameAccount.read(call.arguments).account))
    list.push_back(to_json(one));
  co_return nlohmann::ordered_json{{"factors", std::move(list)}};
}

task<nlohmann::ordered_json> run_list_escrow(Call& call) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& one : co_await list_escrow(call.house, kListEscrow.read(call.arguments).account))
    list.push_back(to_json(one));
  co_return nlohmann::ordered_json{{"copies", std::move(list)}};
}

task<nlohmann::ordered_json> run_confirm_factor(Call& call) {
  co_return to_json(co_await confirm_factor(call.house, kNameFactor.read(call.arguments)));
}

task<nlohmann::ordered_json> run_discard_factor(Call& call) {
  co_return to_json(co_await discard_factor(call.house, kNameFactor.read(call.arguments)));
}

task<nlohmann::ordered_json> run_retire_factor(Call& call) {
  co_return to_json(co_await retire_factor(call.house, kNameAccount.read(call.arguments).account));
}

task<nlohmann::ordered_json> run_export_factor(Call& call) {
  co_return to_json(co_await export_factor(call.house, kNameFactor.read(call.arguments)));
}

constexpr std::array kFactorRows = {
    Operation{"factor.confirm", kManage, "says that the app uses a factor", Verb::kPost,
              "/accounts/{account}/factors/confirm", kNameFactor.fields(), &run_confirm_factor},
    Operation{"factor.discard", kManage, "takes a factor out of use; its row stays", Verb::kPost,
              "/accounts/{account}/factors/discard", kNameFactor.fields(), &run_discard_factor},
    Operation{"factor.escrow", kRead, "lists the copies of TOTP keys beside the database, without secrets", Verb::kGet,
              "/escrow", kListEscrow.fields(), &run_list_escrow},
    Operation{"factor.export", kSecrets, "gives a factor's secret", Verb::kPost, "/accounts/{account}/factors/export",
              kNameFactor.fields(), &run_export_factor, kSecret},
    Operation{"factor.import", kManage, "keeps a secret that a person brings", Verb::kPost,
              "/accounts/{account}/factors", kImportFactor.fields(), &run_import_factor, kSecret},
    Operation{"factor.list", kRead, "lists an account's factors, without secrets", Verb::kGet,
              "/accounts/{account}/factors", kNameAccount.fields(), &run_list_factors},
    Operation{"factor.retire", kManage, "says that MFA was turned off by hand", Verb::kPost,
              "/accounts/{account}/factors/retire", kNameAccount.fields(), &run_retire_factor},
};

}  // namespace

std::span<const Operation> factor_operations() { return kFactorRows; }

}  // namespace totpilot::services
