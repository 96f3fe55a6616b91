#include "agent/enrollment/factor_reader.h"

#include "agent/base/failure.h"
#include "agent/base/log.h"
#include "agent/totp/code.h"
#include "agent/vault/vault.h"

namespace totpilot::enrollment {

DurableFactor FactorReader::open(const store::FactorRow& row, const vault::Vault& vault, FactorUse use) {
  Secret key = vault.unseal(vault::secret_context(row.id), row.sealed_secret);
  if (vault.fingerprint(key) != row.fingerprint) {
    throw Failure(Outcome::kStorageFailed, "factor " + row.id.str() + " gives back another key than was kept",
                  "restore a backup; the escrow file may hold the key too");
  }
  const totp::Parameters parameters = to_totp(row.parameters);
  (void)totp::code_at(key, parameters, row.created);  // throws for a key that no code can be made with
  return {row, parameters, std::move(key), use};
}

store::FactorRow sealed_row(const NewFactor& factor, vault::Vault& vault) {
  store::FactorRow row;
  row.id = FactorId::make(factor.now);
  row.account = factor.account;
  row.enrollment = factor.enrollment;
  row.state = store::FactorState::kCandidate;
  row.parameters = to_stored(factor.parameters);
  row.issuer = factor.issuer;
  row.label = factor.label;
  row.vendor = factor.vendor;
  row.source = factor.source;
  row.created = factor.now;
  row.fingerprint = vault.fingerprint(factor.key);
  row.sealed_secret = vault.seal(vault::secret_context(row.id), factor.key);
  return row;
}

void write_escrow(const store::FactorRow& row, const store::AccountRow& account, vault::Vault& vault) {
  vault.escrow().append({row, account.name, account.username, account.base_url});
}

void prune_escrow(const FactorId& factor, vault::Vault& vault) {
  try {
    vault.escrow().prune(factor);
  } catch (const Failure& failure) {
    log::warn("the escrow copy of factor {} could not be removed: {}", factor.str(), failure.message());
  }
}

}  // namespace totpilot::enrollment
