#pragma once
// DurableFactor: the handle that proves a secret is safely ours. Only the Journal (after commit, read-back through a
// second connection and the escrow copy) and the FactorBook (after reading a kept factor back) can make one, and
// without one no code can be built. Holds the secret as the vault gave it back, never as it came from a page.
#include <utility>

#include "agent/base/id.h"
#include "agent/base/secret.h"
#include "agent/store/rows.h"
#include "agent/totp/parameters.h"

namespace totpilot::enrollment {

/// What a code of the factor is for. kEnroll: to turn MFA on; needs an armed journal. kSignIn: to sign in, also while
/// probing.
enum class FactorUse { kEnroll, kSignIn };

class DurableFactor {
 public:
  DurableFactor(DurableFactor&&) = default;
  DurableFactor& operator=(DurableFactor&&) = default;

  const FactorId& id() const { return id_; }
  const AccountId& account() const { return account_; }
  store::FactorState state() const { return state_; }
  const totp::Parameters& parameters() const { return parameters_; }
  FactorUse use() const { return use_; }

 private:
  friend class Journal;
  friend class FactorBook;
  friend class CodeMint;
  friend class FactorReader;

  DurableFactor(const store::FactorRow& row, totp::Parameters parameters, Secret key, FactorUse use)
      : id_(row.id),
        account_(row.account),
        state_(row.state),
        parameters_(parameters),
        key_(std::move(key)),
        use_(use) {}

  FactorId id_;
  AccountId account_;
  store::FactorState state_;
  totp::Parameters parameters_;
  Secret key_;
  FactorUse use_;
  bool armed_ = false;  // set by Journal::arm, for kEnroll
};

/// Between what is stored and what codes are made with. storage_failed for a row that no version of ours could have
/// written.
totp::Parameters to_totp(const store::FactorParameters& stored);
store::FactorParameters to_stored(const totp::Parameters& parameters);

}  // namespace totpilot::enrollment
