#pragma once
// FactorBook: an account's factors as people and sign-ins see them: import, confirm, discard, list, the one to use,
// export. Blocking; call it on the pool. Nothing is ever deleted here.
#include <optional>
#include <string>
#include <vector>

#include "agent/base/clock.h"
#include "agent/base/id.h"
#include "agent/enrollment/durable_factor.h"
#include "agent/enrollment/lease.h"
#include "agent/store/rows.h"
#include "agent/totp/otpauth.h"

namespace totpilot::store {
class ReadTransaction;
class Store;
}  // namespace totpilot::store
namespace totpilot::vault {
class Vault;
}

namespace totpilot::enrollment {

/// The factor that the app asks codes of, as far as we know: one that was confirmed in an enrollment whose proof is
/// still owed comes before the live one that it is about to replace.
std::optional<store::FactorRow> find_current_factor(store::ReadTransaction& transaction, const AccountId& account);

class FactorBook {
 public:
  FactorBook(store::Store& store, vault::Vault& vault, const Clock& clock)
      : store_(&store), vault_(&vault), clock_(&clock) {}

  struct Imported {
    store::FactorRow row;
    bool known = false;  // the same key was there already, and `row` is that one
  };
  /// Keeps a key that a person brings, as a candidate, read back and in the escrow file. `source`: "import:base32",
  /// "import:uri", "import:picture".
  Imported import(const AccountId& account, const totp::OtpAuth& given, const std::string& source);

  /// A person says that the app uses it: handed out from now on, marked unproven; what was in use before is superseded,
  /// but for the factor of an enrollment that is still open. Takes a candidate (or a superseded one, back).
  store::FactorRow confirm(const FactorId& factor);
  /// Out of every list of what to try. invalid_input for the live one and for the candidate of an enrollment that is
  /// not settled.
  store::FactorRow discard(const FactorId& factor);
  /// A fresh login with this factor's code succeeded: it is the account's live one, any other live or confirmed one
  /// superseded. busy when the job that proved it has gone to another run.
  store::FactorRow mark_live(const DurableFactor& factor, const Lease& lease);
  /// MFA was turned off: live and confirmed factors are superseded, recovery codes replaced. Gives the factor that was
  /// in use. busy when the job that turned it off has gone to another run.
  std::optional<store::FactorRow> retire(const AccountId& account, const Lease& lease);

  /// Newest first.
  std::vector<store::FactorRow> list(const AccountId& account) const;
  /// not_found.
  store::FactorRow get(const FactorId& factor) const;
  /// Which one to make codes with: one that the app has confirmed in an enrollment whose proof is still to come, else
  /// the live one, else the newest confirmed one.
  std::optional<store::FactorRow> current(const AccountId& account) const;
  /// What to try when it is unknown which one the app holds (safety.md B.3): candidates and confirmed ones newest
  /// first, then the live one, then superseded ones newest first.
  std::vector<store::FactorRow> probe_order(const AccountId& account) const;

  /// The factor read back from the vault, for codes to sign in with. vault_sealed; storage_failed when what comes back
  /// is not what was kept.
  DurableFactor open(const store::FactorRow& factor) const;
  /// open(current()); not_found, with the way to get one as hint.
  DurableFactor open_current(const AccountId& account) const;

  /// otpauth URI with the key.
  Secret export_uri(const FactorId& factor) const;

 private:
  store::Store* store_;
  vault::Vault* vault_;
  const Clock* clock_;
};

}  // namespace totpilot::enrollment
