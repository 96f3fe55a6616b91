#include "agent/services/readers.h"

#include <algorithm>

#include "agent/services/roles.h"
#include "agent/store/access.h"
#include "agent/store/members.h"

namespace totpilot::services {

OtherReaders::OtherReaders(store::ReadTransaction& transaction, const Caller& caller, TimePoint now)
    : transaction_(transaction), self_(caller.member.value_or(MemberId())), now_(now) {
  for (const auto& member : store::list_members(transaction)) {
    any_members_ = true;
    if (!member.disabled && member.id != self_ && account_role_of(role_of(member.role)) != AccountRole::kNone)
      sees_all_ = true;
  }
}

bool OtherReaders::includes(const TeamId& team) const {
  return std::ranges::any_of(store::list_team_members(transaction_, team),
                             [this](const MemberId& member) { return member != self_; });
}

bool OtherReaders::can_read(const AccountId& account) const {
  if (sees_all_) return true;
  if (account.empty()) return false;
  return std::ranges::any_of(store::list_shares(transaction_, account), [this](const store::ShareRow& share) {
    if (share.expires && *share.expires <= now_) return false;
    return share.member.empty() ? includes(share.team) : includes(share.member);
  });
}

}  // namespace totpilot::services
