#pragma once
// RecoveryBook: an account's recovery codes, as items of their own that are used one at a time. Blocking; call it on
// the pool. Nothing is deleted: a set that a newer one replaces is marked so.
#include <optional>
#include <string>
#include <vector>

#include "agent/base/clock.h"
#include "agent/base/id.h"
#include "agent/base/secret.h"
#include "agent/enrollment/lease.h"
#include "agent/store/rows.h"

namespace totpilot::store {
class Store;
}
namespace totpilot::vault {
class Vault;
}

namespace totpilot::enrollment {

/// The kind of the jobs that let an app make new codes.
inline constexpr const char* kRenewsRecoveryCodes = "recovery_codes";

class RecoveryBook {
 public:
  RecoveryBook(store::Store& store, vault::Vault& vault, const Clock& clock)
      : store_(&store), vault_(&vault), clock_(&clock) {}

  /// Keeps a new set for the account's `factor`, in the order given, and marks older unused codes replaced; one
  /// transaction, read back and compared before it returns. Gives how many are kept. invalid_input for none, or for
  /// doubles; busy when the job that got them has gone to another run.
  int keep(const AccountId& account, const FactorId& factor, const std::vector<Secret>& codes, const Lease& lease);

  /// All of the account, newest set first, each in the app's order.
  std::vector<store::RecoveryCodeRow> list(const AccountId& account) const;
  Secret reveal(const store::RecoveryCodeRow& code) const;
  int unused(const AccountId& account) const;
  /// Some of this moment or later, used or not, are kept.
  bool any_since(const AccountId& account, TimePoint moment) const;
  /// A run asked the app for new codes after the newest kept ones, and did not bring any: those kept may open nothing
  /// any more. They stay unused, because they may as well be good.
  bool may_be_void(const AccountId& account) const;

  struct Taken {
    store::RecoveryCodeRow row;
    Secret code;
  };
  /// The next unused code, marked used by `by` first; no two callers get the same one. Nothing when none is left.
  std::optional<Taken> take(const AccountId& account, const std::string& by);

 private:
  friend class Journal;
  store::Store* store_;
  vault::Vault* vault_;
  const Clock* clock_;
};

}  // namespace totpilot::enrollment
