#include "agent/services/members.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/services/house.h"
#include "agent/services/keys.h"
#include "agent/services/member_credentials.h"
#include "agent/services/roles.h"
#include "agent/services/rows.h"
#include "agent/store/access.h"
#include "agent/store/members.h"

namespace totpilot::services {
namespace {

constexpr int kLongestInviteHours = 24 * 30;

MemberView view_of(store::ReadTransaction& transaction, const store::MemberRow& row) {
  return {row.id,
          row.name,
          row.role,
          row.disabled,
          !row.password_hash.empty(),
          store::count_member_codes(transaction, row.id),
          row.created,
          row.signed_in};
}

InviteView view_of(const store::InviteRow& row) {
  return {row.id, row.name, row.role, row.created, row.created_by, row.expires, row.used};
}

void require_may_manage(const Caller& caller, Role other) {
  if (!may_manage(caller.role, other))
    throw Failure(
        Outcome::kForbidden,
        fmt::format("a member who is {} cannot manage one who is {}", role_name(caller.role), role_name(other)),
        "ask an owner of the workspace");
}

/// Somebody must be left who can let the others in again.
void require_owner_left(store::ReadTransaction& transaction, const MemberId& without) {
  const auto members = store::list_members(transaction);
  const auto is_owner = [](const store::MemberRow& member) {
    return member.role == role_name(Role::kOwner) && !member.disabled;
  };
  const bool was = std::ranges::any_of(members, [&](const auto& one) { return one.id == without && is_owner(one); });
  const bool left = std::ranges::any_of(members, [&](const auto& one) { return one.id != without && is_owner(one); });
  if (was && !left)
    throw Failure(Outcome::kInvalidInput, "this is the last owner of the workspace", "make another member owner first");
}

void require_member_name(const std::string& name) {
  const bool good = !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-' || c == '@' || c == '+';
  });
  if (!good)
    throw Failure(Outcome::kInvalidInput, "a member's name has 1 to 64 letters, digits and . _ - @ +",
                  "as in anna or anna@example.org");
}

Invited insert_invite_for(store::WriteTransaction& transaction, const Caller& caller, const AddInvite& request,
                          TimePoint now) {
  Invited invited{.invite = {}, .key = make_key(kInvitePrefix)};
  const store::InviteRow row{.id = InviteId::make(now),
                             .hash = hash_of_key(invited.key),
                             .name = request.name,
                             .role = request.role,
                             .created = now,
                             .created_by = caller.name,
                             .expires = now + std::chrono::hours(request.hours),
                             .used = {}};
  store::insert_invite(transaction, row);
  invited.invite = view_of(row);
  return invited;
}

/// The member that the invite is for: made now, or one that was reset.
store::MemberRow invited_member(store::WriteTransaction& transaction, const store::InviteRow& invite, TimePoint now) {
  if (auto there = store::find_member_by_name(transaction, invite.name)) {
    if (!there->password_hash.empty())
      throw Failure(Outcome::kAlreadyExists, fmt::format("the member {} can sign in already", invite.name));
    return *there;
  }
  store::MemberRow member;
  member.id = MemberId::make(now);
  member.name = invite.name;
  member.role = invite.role;
  member.created = member.updated = now;
  store::insert_member(transaction, member);
  return member;
}

Accepted accept_now(House& house, const AcceptInvite& request) {
  const TimePoint now = house.clock().now();
  const std::string hash = hash_of_key(request.key);
  MemberCodes codes = make_member_codes(house.vault());
  // Outside of the transaction: it takes a fifth of a second.
  store::MemberRow credentials;
  set_password(credentials, request.password, house.vault());
  return house.store().write([&](store::WriteTransaction& transaction) {
    const auto invite = store::find_invite(transaction, hash);
    if (!invite || invite->expires <= now || !store::use_invite(transaction, invite->id, now))
      throw Failure(Outcome::kNotFound, "this invite is not known, was used, or is over", "ask for another one");
    store::MemberRow member = invited_member(transaction, *invite, now);
    member.password_hash = credentials.password_hash;
    member.password_salt = credentials.password_salt;
    member.password_parameters = credentials.password_parameters;
    Accepted accepted;
    accepted.totp_uri = make_member_totp(member, house.vault());
    member.updated = now;
    store::update_member(transaction, member);
    store::replace_member_codes(transaction, member.id, codes.hashes, now);
    accepted.member = view_of(transaction, member);
    accepted.recovery_codes = std::move(codes.codes);
    return accepted;
  });
}

}  // namespace

nlohmann::ordered_json to_json(const MemberView& member) {
  return {{"id", member.id.str()},
          {"name", member.name},
          {"role", member.role},
          {"disabled", member.disabled},
          {"can_sign_in", member.can_sign_in},
          {"unused_codes", member.unused_codes},
          {"created", to_iso(member.created)},
          {"signed_in", json_time(member.signed_in)}};
}

nlohmann::ordered_json to_json(const InviteView& invite) {
  return {{"id", invite.id.str()},
          {"name", invite.name},
          {"role", invite.role},
          {"created", to_iso(invite.created)},
          {"created_by", invite.created_by},
          {"expires", to_iso(invite.expires)},
          {"used", json_time(invite.used)}};
}

nlohmann::ordered_json to_json(const Invited& invited) {
  auto json = to_json(invited.invite);
  json["key"] = invited.key.reveal();
  return json;
}

nlohmann::ordered_json to_json(const Accepted& accepted) {
  nlohmann::ordered_json codes = nlohmann::ordered_json::array();
  for (const Secret& code : accepted.recovery_codes) codes.push_back(code.reveal());
  return {{"member", to_json(accepted.member)},
          {"totp_uri", accepted.totp_uri.reveal()},
          {"recovery_codes", std::move(codes)}};
}

task<Invited> add_invite(House& house, const Caller& caller, AddInvite request) {
  require_member_name(request.name);
  require_may_manage(caller, role_of(request.role));
  if (request.hours < 1 || request.hours > kLongestInviteHours)
    throw Failure(Outcome::kInvalidInput, "an invite holds for 1 to 720 hours");
  co_await house.open_vault();
  co_return co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      const auto there = store::find_member_by_name(transaction, request.name);
      if (there && !there->password_hash.empty())
        throw Failure(Outcome::kAlreadyExists, fmt::format("there is a member {} already", request.name));
      // One who was reset keeps the role they had.
      if (there) require_may_manage(caller, role_of(there->role));
      return insert_invite_for(transaction, caller, request, house.clock().now());
    });
  });
}

task<std::vector<InviteView>> list_invites(House& house) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    std::vector<InviteView> views;
    for (const auto& row : house.store().read(store::list_invites)) views.push_back(view_of(row));
    return views;
  });
}

task<Accepted> accept_invite(House& house, AcceptInvite request) {
  require_good_password(request.password);
  co_await house.open_vault();
  co_return co_await house.blocking([&] { return accept_now(house, request); });
}

task<std::vector<MemberView>> list_members(House& house) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().read([](store::ReadTransaction& transaction) {
      std::vector<MemberView> views;
      for (const auto& row : store::list_members(transaction)) views.push_back(view_of(transaction, row));
      return views;
    });
  });
}

task<MemberView> change_member(House& house, const Caller& caller, ChangeMember request) {
  if (request.name) require_member_name(*request.name);
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      store::MemberRow member = store::require_member(transaction, request.member);
      require_may_manage(caller, role_of(member.role));
      if (request.role) require_may_manage(caller, role_of(*request.role));
      const bool falls = (request.role && *request.role != role_name(Role::kOwner)) || request.disabled.value_or(false);
      if (falls) require_owner_left(transaction, member.id);
      if (request.role || request.disabled) store::delete_member_sessions(transaction, member.id);
      member.name = request.name.value_or(member.name);
      member.role = request.role.value_or(member.role);
      member.disabled = request.disabled.value_or(member.disabled);
      member.updated = house.clock().now();
      store::update_member(transaction, member);
      return view_of(transaction, member);
    });
  });
}

task<MemberView> remove_member(House& house, const Caller& caller, std::string name) {
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      const store::MemberRow member = store::require_member(transaction, name);
      require_may_manage(caller, role_of(member.role));
      require_owner_left(transaction, member.id);
      const MemberView view = view_of(transaction, member);
      store::delete_member(transaction, member.id);
      return view;
    });
  });
}

task<Invited> reset_member(House& house, const Caller& caller, std::string name) {
  if (!caller.at_home)
    throw Failure(Outcome::kForbidden, "a member is reset on the machine itself", "totpilot member reset --local NAME");
  co_await house.open_store();
  co_return co_await house.blocking([&] {
    return house.store().write([&](store::WriteTransaction& transaction) {
      store::MemberRow member = store::require_member(transaction, name);
      member.password_hash = member.password_salt = member.password_parameters = member.sealed_totp = "";
      member.totp_on = false;
      member.last_window = 0;
      member.disabled = false;
      member.updated = house.clock().now();
      store::update_member(transaction, member);
      store::replace_member_codes(transaction, member.id, {}, member.updated);
      store::delete_member_sessions(transaction, member.id);
      return insert_invite_for(transaction, caller, {.name = member.name, .role = member.role}, member.updated);
    });
  });
}

}  // namespace totpilot::services
