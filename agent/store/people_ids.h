#pragma once
// Ids of the people's tables: members, their sessions, tokens, teams, shares, invites and approvals.
#include "agent/base/id.h"

namespace totpilot {

struct MemberIdTag {
  static constexpr std::string_view kPrefix = "mem_";
};
using MemberId = Id<MemberIdTag>;

struct MemberSessionIdTag {
  static constexpr std::string_view kPrefix = "mse_";
};
using MemberSessionId = Id<MemberSessionIdTag>;

struct TokenIdTag {
  static constexpr std::string_view kPrefix = "tok_";
};
using TokenId = Id<TokenIdTag>;

struct TeamIdTag {
  static constexpr std::string_view kPrefix = "tea_";
};
using TeamId = Id<TeamIdTag>;

struct ShareIdTag {
  static constexpr std::string_view kPrefix = "sha_";
};
using ShareId = Id<ShareIdTag>;

struct InviteIdTag {
  static constexpr std::string_view kPrefix = "inv_";
};
using InviteId = Id<InviteIdTag>;

struct ApprovalIdTag {
  static constexpr std::string_view kPrefix = "apr_";
};
using ApprovalId = Id<ApprovalIdTag>;

}  // namespace totpilot
