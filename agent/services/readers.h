#pragma once
// Readers: who but one caller can read an account's codes. Inside a transaction.
#include <optional>
#include <vector>

#include "agent/services/caller.h"
#include "agent/store/transaction.h"

namespace totpilot::services {

class OtherReaders {
 public:
  OtherReaders(store::ReadTransaction& transaction, const Caller& caller, TimePoint now);

  /// Does anybody belong to the workspace at all?
  bool any_members() const { return any_members_; }
  bool can_read(const AccountId& account) const;
  bool includes(const MemberId& member) const { return member != self_; }
  bool includes(const TeamId& team) const;

 private:
  store::ReadTransaction& transaction_;
  MemberId self_;
  TimePoint now_;
  bool any_members_ = false;
  bool sees_all_ = false;  // somebody else reads every account's
};

}  // namespace totpilot::services
