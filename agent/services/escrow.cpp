#include "agent/services/escrow.h"

#include "agent/enrollment/durable_factor.h"
#include "agent/enrollment/factor_reader.h"
#include "agent/services/house.h"
#include "agent/vault/escrow_recovery.h"

namespace totpilot::services {
namespace {

std::optional<vault::EscrowEntry> find_entry(const vault::Escrow& escrow, const std::string& factor) {
  for (auto& entry : escrow.list())
    if (entry.factor.id.str() == factor) return std::move(entry);
  return std::nullopt;
}

std::optional<OpenedCopy> open_own(House& house, const std::string& factor) {
  auto entry = find_entry(house.vault().escrow(), factor);
  if (!entry) return std::nullopt;
  Secret key = house.vault().unseal(vault::secret_context(entry->factor.id), entry->factor.sealed_secret);
  return OpenedCopy{std::move(*entry), std::move(key)};
}

/// A vault of another state directory is no business of who asks here: its torn lines are passed over.
vault::Escrow copies_of(const vault::Locations& locations, const std::string& workspace) {
  const bool own = vault::lived_here(locations, workspace);
  return {locations.escrow(), workspace, own ? vault::TornLines::kWarn : vault::TornLines::kSkip};
}

/// Without a database: slots and keys lie beside the copies.
std::optional<OpenedCopy> open_left_behind(const vault::Locations& locations, const vault::Credentials& credentials,
                                           const std::string& factor) {
  for (const std::string& workspace : vault::escrow_workspaces(locations)) {
    if (!find_entry(copies_of(locations, workspace), factor)) continue;
    for (auto& candidate : vault::recover_escrow(locations, workspace, credentials))
      if (candidate.entry.factor.id.str() == factor)
        return OpenedCopy{std::move(candidate.entry), std::move(candidate.secret)};
    throw Failure(Outcome::kStorageFailed, fmt::format("the escrow copy of {} was changed: it does not open", factor));
  }
  return std::nullopt;
}

}  // namespace

nlohmann::ordered_json to_json(const EscrowCopy& copy) {
  return {
      {"factor", to_json(copy.factor)}, {"username", copy.username}, {"url", copy.url}, {"workspace", copy.workspace}};
}

task<std::vector<EscrowCopy>> list_escrow(House& house, std::string account) {
  co_return co_await house.blocking([&] {
    const vault::Locations locations = house.locations();
    std::vector<EscrowCopy> copies;
    for (const std::string& workspace : vault::escrow_workspaces(locations))
      for (const auto& entry : copies_of(locations, workspace).list())
        if (account.empty() || entry.account_name == account)
          copies.push_back({factor_view(entry.factor, entry.account_name), entry.username, entry.base_url, workspace});
    return copies;
  });
}

task<std::optional<OpenedCopy>> open_escrow_copy(House& house, std::string factor) {
  if (house.has_store()) {
    co_await house.open_vault();
    auto own = co_await house.blocking([&] { return open_own(house, factor); });
    if (own) co_return std::move(own);
  }
  const vault::Credentials& credentials = house.credentials();
  co_return co_await house.blocking([&] { return open_left_behind(house.locations(), credentials, factor); });
}

totp::OtpAuth otpauth_of(OpenedCopy copy) {
  const store::FactorRow& factor = copy.entry.factor;
  totp::OtpAuth key;
  key.key = std::move(copy.key);
  key.parameters = enrollment::to_totp(factor.parameters);
  key.issuer = factor.issuer;
  key.vendor = factor.vendor;
  key.account = factor.label.empty() ? copy.entry.username : factor.label;
  return key;
}

}  // namespace totpilot::services
