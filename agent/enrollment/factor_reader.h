#pragma once
// FactorReader: gives a factor's key back from the vault, after checking that it is the one that was kept. For this
// room.
#include "agent/enrollment/durable_factor.h"
#include "agent/store/rows.h"
#include "agent/store/transaction.h"

namespace totpilot::vault {
class Vault;
}

namespace totpilot::enrollment {

class FactorReader {
 public:
  /// Opens the row's key, compares its fingerprint, and makes a code of it. storage_failed when they do not fit
  /// together.
  static DurableFactor open(const store::FactorRow& row, const vault::Vault& vault, FactorUse use);
};

/// The row of a key that a page or a person gave, sealed for its id.
struct NewFactor {
  AccountId account;
  EnrollmentId enrollment;
  const Secret& key;
  totp::Parameters parameters;
  std::string issuer;
  std::string label;
  std::string vendor;
  std::string source;
  TimePoint now;
};
store::FactorRow sealed_row(const NewFactor& factor, vault::Vault& vault);

/// Writes the factor's escrow copy. storage_failed.
void write_escrow(const store::FactorRow& row, const store::AccountRow& account, vault::Vault& vault);

/// Of a factor that is proven. Never fails: a copy too many does no harm, and the next rotation looks again.
void prune_escrow(const FactorId& factor, vault::Vault& vault);

}  // namespace totpilot::enrollment
