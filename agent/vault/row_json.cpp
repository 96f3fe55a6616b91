#include "agent/vault/row_json.h"

#include <nlohmann/json.hpp>

namespace totpilot::vault {
namespace {

std::string text(const nlohmann::json& json, const char* name) { return json.at(name).get<std::string>(); }
TimePoint time(const nlohmann::json& json, const char* name) { return from_millis(json.at(name).get<std::int64_t>()); }

}  // namespace

nlohmann::json to_json(const store::VaultSlotRow& slot) {
  return {{"id", slot.id},
          {"kind", slot.kind},
          {"parameters", slot.parameters},
          {"sealed_root", slot.sealed_root},
          {"created", to_millis(slot.created)}};
}

store::VaultSlotRow slot_from_json(const nlohmann::json& json) {
  return {text(json, "id"), text(json, "kind"), text(json, "parameters"), text(json, "sealed_root"),
          time(json, "created")};
}

nlohmann::json to_json(const store::VaultKeyRow& key) {
  return {{"id", key.id.str()},
          {"active", key.state == store::KeyState::kActive},
          {"sealed_key", key.sealed_key},
          {"created", to_millis(key.created)}};
}

store::VaultKeyRow key_from_json(const nlohmann::json& json) {
  return {KeyId::from(text(json, "id")),
          json.at("active").get<bool>() ? store::KeyState::kActive : store::KeyState::kRetiring,
          text(json, "sealed_key"), time(json, "created")};
}

nlohmann::json to_json(const EscrowEntry& entry) {
  const store::FactorRow& factor = entry.factor;
  return {{"factor", factor.id.str()},
          {"account", factor.account.str()},
          {"enrollment", factor.enrollment.str()},
          {"algorithm", factor.parameters.algorithm},
          {"digits", factor.parameters.digits},
          {"period", factor.parameters.period},
          {"encoder", factor.parameters.encoder},
          {"issuer", factor.issuer},
          {"label", factor.label},
          {"vendor", factor.vendor},
          {"sealed_secret", factor.sealed_secret},
          {"fingerprint", factor.fingerprint},
          {"source", factor.source},
          {"created", to_millis(factor.created)},
          {"account_name", entry.account_name},
          {"username", entry.username},
          {"base_url", entry.base_url}};
}

EscrowEntry escrow_from_json(const nlohmann::json& json) {
  EscrowEntry entry;
  entry.factor.id = FactorId::from(text(json, "factor"));
  entry.factor.account = AccountId::from(text(json, "account"));
  entry.factor.enrollment = EnrollmentId::from(text(json, "enrollment"));
  entry.factor.parameters = {text(json, "algorithm"), json.at("digits").get<int>(), json.at("period").get<int>(),
                             text(json, "encoder")};
  entry.factor.issuer = text(json, "issuer");
  entry.factor.label = text(json, "label");
  entry.factor.vendor = text(json, "vendor");
  entry.factor.sealed_secret = text(json, "sealed_secret");
  entry.factor.fingerprint = text(json, "fingerprint");
  entry.factor.source = text(json, "source");
  entry.factor.created = time(json, "created");
  entry.account_name = text(json, "account_name");
  entry.username = text(json, "username");
  entry.base_url = text(json, "base_url");
  return entry;
}

}  // namespace totpilot::vault
