#pragma once
// CredentialMint: turns an account's password, wherever it is kept, into a BoundSecret with the account's pins. One of
// two mints.
#include "agent/base/deadline.h"
#include "agent/browser/bound_secret.h"
#include "agent/store/rows.h"
#include "agent/vault/vault.h"

namespace totpilot::vault {

/// Does the account have a password that can be had without a person?
bool has_password(const store::AccountRow& account);

/// The account's pins as origins. Throws invalid_input for a row that holds none or a bad one, origin_blocked for plain
/// http to another machine unless the account allows it.
std::vector<Origin> pins_of(const store::AccountRow& account);

class CredentialMint {
 public:
  explicit CredentialMint(const Vault& vault) : vault_(vault) {}

  /// The sealed password, else the password file (private, without its last line end), else the first line that the
  /// password command
  /// (/bin/sh -c, without our input, its errors not shown) prints before the deadline. Blocking: call it in the pool.
  /// Throws needs_input when the account has none, invalid_input when it is empty or longer than 1024 bytes, timed_out.
  browser::BoundSecret password_for(const store::AccountRow& account, Deadline deadline) const;

  /// What a person answered to a question of the flow, bound to the account's pins like a code. invalid_input when it
  /// is empty or longer than 256 bytes.
  browser::BoundSecret answer_for(const store::AccountRow& account, Secret answer) const;

 private:
  Secret resolve(const store::AccountRow& account, Deadline deadline) const;

  const Vault& vault_;
};

}  // namespace totpilot::vault
