#include "agent/audit/record.h"

#include <fmt/format.h>

#include "agent/base/encoding.h"
#include "agent/crypto/hmac.h"

namespace totpilot::audit {
namespace {

/// Fields cannot flow into each other.
void append_field(std::string& message, std::string_view field) {
  message += fmt::format("{}:{}", field.size(), field);
}

nlohmann::ordered_json as_json(const std::string& text) {
  auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  return json.is_discarded() ? nlohmann::ordered_json(text) : json;
}

}  // namespace

std::string hash_of(const Secret& key, const store::AuditRow& row) {
  std::string message = "totpilot audit record 1\n";
  append_field(message, row.writer);
  append_field(message, std::to_string(row.sequence));
  append_field(message, std::to_string(to_millis(row.at)));
  for (const std::string* field :
       {&row.who, &row.act, &row.account, &row.object, &row.outcome, &row.detail, &row.previous})
    append_field(message, *field);
  return hex_encode(crypto::hmac(crypto::Hash::kSha256, key, message).reveal());
}

std::string line_of(const store::AuditRow& row) {
  const nlohmann::ordered_json json{
      {"writer", row.writer},     {"sequence", row.sequence}, {"at", to_iso(row.at)},
      {"who", row.who},           {"act", row.act},           {"account", row.account},
      {"object", row.object},     {"outcome", row.outcome},   {"detail", as_json(row.detail)},
      {"previous", row.previous}, {"hash", row.hash}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace totpilot::audit
