#pragma once
// RecoveryBook: an account's recovery codes, as items of their own that are used one at a time. Blocking; call it on
// the pool. Nothing is deleted: a set that a newer one replaces is marked so.
#include <optional>
#include <string>
#include <vector>

#include "agent/base/clock.h"
#include "agent/base/id.h"
#include "agent/base/secret.h"
#include "agent/store/rows.h"

namespace totpilot::store {
class Store;
}
namespace totpilot::vault {
class Vault;
}

namespace totpilot::enrollment {

class RecoveryBook {
 public:
  RecoveryBook(store::Store& store, vault::Vault& vault, const Clock& clock)
      : store_(&store), vault_(&vault), clock_(&clock) {}

  /// Keeps a new set for the account's `factor`, in the order given, and marks older unused codes replaced; one
  /// transaction, read back and compared before it returns. Gives how many are kept. invalid_input for none, or for
  /// doubles.
  int keep(const AccountId& account, const FactorId& factor, const std::vector<Secret>& codes);

  /// All of the account, newest set first, each in the app's order.
  std::vector<store::RecoveryCodeRow> list(const AccountId& account) const;
  Secret reveal(const store::RecoveryCodeRow& code) const;
  int unused(const AccountId& account) const;

  struct Taken {
    store::RecoveryCodeRow row;
    Secret code;
  };
  /// The next unused code, marked used by `by` first; no two callers get the same one. Nothing when none is left.
  std::optional<Taken> take(const AccountId& account, const std::string& by);

  /// When MFA went off, or the app made new codes: all unused ones of the account are replaced.
  void retire(const AccountId& account);

 private:
  friend class Journal;
  store::Store* store_;
  vault::Vault* vault_;
  const Clock* clock_;
};

}  // namespace totpilot::enrollment
