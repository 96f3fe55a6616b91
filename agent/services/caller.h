#pragma once
// Caller: who asks for an operation: a person at this machine's command line, a member who signed in, or a token. A
// value; made by whoever let the caller in, read by perform().
#include <sys/types.h>

#include <optional>
#include <set>
#include <string>

#include "agent/base/clock.h"
#include "agent/services/operation.h"
#include "agent/store/people_ids.h"

namespace totpilot::services {

/// What a member may do in the whole workspace; see roles.h for what each may.
enum class Role { kOwner, kSuperAdmin, kAdmin, kUser, kGuest };

struct Caller {
  std::string name;        // in the audit log and in ledgers: "cli:anna", "member:anna", "token:ci"
  std::set<Scope> scopes;  // what a token was given; members and the command line have all, and their role decides
  Role role = Role::kGuest;
  std::optional<MemberId> member;  // also of a token that belongs to a member
  std::optional<TokenId> token;
  std::optional<MemberSessionId> session;
  /// When a person last proved who they are, by password and code; nothing for a token.
  std::optional<TimePoint> proven_at;
  /// At this machine, as the user who owns the state directory: may do everything and is never asked again.
  bool at_home = false;

  /// The command line without a daemon: the local owner, "cli:<user>", or "cli:<pid>" where the user has no name.
  static Caller local(pid_t pid);
};

}  // namespace totpilot::services
