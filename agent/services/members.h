#pragma once
// Members and invites: who belongs to the workspace. A member gets in by an invite: whoever holds the link sets the
// password and gets a TOTP key and recovery codes, once.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "agent/base/secret.h"
#include "agent/services/caller.h"
#include "agent/store/people_rows.h"

namespace totpilot::services {

class House;

struct MemberView {
  MemberId id;
  std::string name;
  std::string role;
  bool disabled = false;
  bool can_sign_in = false;  // has a password
  int unused_codes = 0;
  TimePoint created;
  std::optional<TimePoint> signed_in;
};
nlohmann::ordered_json to_json(const MemberView& member);

struct InviteView {
  InviteId id;
  std::string name;
  std::string role;
  TimePoint created;
  std::string created_by;
  TimePoint expires;
  std::optional<TimePoint> used;
};
nlohmann::ordered_json to_json(const InviteView& invite);

/// The link's secret part, shown once.
struct Invited {
  InviteView invite;
  Secret key;
};
nlohmann::ordered_json to_json(const Invited& invited);

struct AddInvite {
  std::string name;
  std::string role = "user";
  int hours = 72;
};
/// invite.add, member.add: forbidden for a role that the caller may not manage; already_exists for a member who can
/// sign in.
task<Invited> add_invite(House& house, const Caller& caller, AddInvite request);
task<std::vector<InviteView>> list_invites(House& house);

struct AcceptInvite {
  Secret key;
  Secret password;
};
struct Accepted {
  MemberView member;
  Secret totp_uri;
  std::vector<Secret> recovery_codes;
};
nlohmann::ordered_json to_json(const Accepted& accepted);
/// invite.accept, by whoever holds the link. not_found for one that is unknown, used or over.
task<Accepted> accept_invite(House& house, AcceptInvite request);

task<std::vector<MemberView>> list_members(House& house);

struct ChangeMember {
  std::string member;
  std::optional<std::string> name;
  std::optional<std::string> role;
  std::optional<bool> disabled;
};
/// member.set. Ends the member's sessions when the role changes or it is disabled.
task<MemberView> change_member(House& house, const Caller& caller, ChangeMember request);
/// member.remove. invalid_input for the last owner who can sign in.
task<MemberView> remove_member(House& house, const Caller& caller, std::string member);
/// member.reset, on the machine itself: password, TOTP key, codes and sessions go, and a fresh invite takes their
/// place.
task<Invited> reset_member(House& house, const Caller& caller, std::string member);

}  // namespace totpilot::services
