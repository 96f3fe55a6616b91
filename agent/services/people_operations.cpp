#include <array>

#include "agent/services/approvals.h"
#include "agent/services/audit_views.h"
#include "agent/services/form.h"
#include "agent/services/members.h"
#include "agent/services/perform.h"
#include "agent/services/shares.h"
#include "agent/services/tokens.h"

namespace totpilot::services {
namespace {

using enum Scope;
using Json = nlohmann::ordered_json;

struct NameOne {
  std::string name;
};
constexpr Form kNameMember{text("member", &NameOne::name, kRequired, "the member's name or id")};
constexpr Form kNameTeam{text("team", &NameOne::name, kRequired, "the team's name or id")};
constexpr Form kNewTeam{text("name", &NameOne::name, kRequired, "the team's name")};
constexpr Form kNameToken{text("token", &NameOne::name, kRequired, "the token's name or id")};
constexpr Form kNameApproval{text("approval", &NameOne::name, kRequired, "the approval's id")};
constexpr Form kNewMember{
    text("name", &AddInvite::name, kRequired, "what the member will be called"),
    text("role", &AddInvite::role, kOptional, "owner, super_admin, admin, user (when not given) or guest"),
    integer("hours", &AddInvite::hours, kOptional, "how long the invite holds; 72 when not given"),
};
constexpr Form kSetMember{
    text("member", &ChangeMember::member, kRequired, "the member's name or id"),
    text("name", &ChangeMember::name, kOptional, "another name"),
    text("role", &ChangeMember::role, kOptional, "another role in the workspace"),
    flag("disabled", &ChangeMember::disabled, "may not sign in, and their tokens hold no longer"),
};
constexpr Form kSetTeam{
    text("team", &ChangeTeam::team, kRequired, "the team's name or id"),
    texts("add_members", &ChangeTeam::add_members, "members to add"),
    texts("remove_members", &ChangeTeam::remove_members, "members to take out"),
};
constexpr Form kNewShare{
    text("account", &AddShare::account, kRequired, "the account's name or id"),
    text("member", &AddShare::member, kOptional, "with whom; this or team"),
    text("team", &AddShare::team, kOptional, "with which team; this or member"),
    text("role", &AddShare::role, kOptional, "collaborator (when not given) or owner"),
    flag("password", &AddShare::password, "a collaborator may also have the account's password"),
    integer("hours", &AddShare::hours, kOptional, "for how long; until it is taken back when not given"),
};
constexpr Form kOldShare{
    text("account", &RemoveShare::account, kRequired, "the account's name or id"),
    text("share", &RemoveShare::share, kRequired, "the share's id"),
};
constexpr Form kSharesOf{text("account", &NameOne::name, kRequired, "the account's name or id")};
constexpr Form kNewToken{
    text("name", &AddToken::name, kRequired, "what it is called here"),
    texts("scopes", &AddToken::scopes, "read, manage, run, codes, secrets, vault, people"),
    integer("days", &AddToken::days, kOptional, "how long it holds; 90 when not given, 0 without an end"),
    text("member", &AddToken::member, kOptional, "whose rights bound it; only from the machine itself"),
};
constexpr Form kListAudit{
    text("account", &ListAudit::account, kOptional, "only about this account"),
    text("who", &ListAudit::who, kOptional, "only by this caller, as in member:anna"),
    text("act", &ListAudit::act, kOptional, "only this act; with a dot at its end, all that begin so"),
    text("outcome", &ListAudit::outcome, kOptional, "only with this outcome"),
    text("since", &ListAudit::since, kOptional, "a span before now, as in 24h"),
    integer("limit", &ListAudit::limit, kOptional, "how many at most; 100 when not given"),
};

template <class View>
Json list_of(std::string_view name, const std::vector<View>& views) {
  Json list = Json::array();
  for (const View& view : views) list.push_back(to_json(view));
  Json json;
  json[std::string(name)] = std::move(list);
  return json;
}

task<Json> run_list_approvals(Call& call) { co_return list_of("approvals", co_await list_approvals(call.house)); }
task<Json> run_grant_approval(Call& call) {
  co_return to_json(co_await grant_approval(call.house, call.caller, kNameApproval.read(call.arguments).name));
}
task<Json> run_list_audit(Call& call) {
  co_return list_of("records", co_await list_audit(call.house, kListAudit.read(call.arguments)));
}
task<Json> run_verify_audit(Call& call) { co_return to_json(co_await verify_audit(call.house)); }
task<Json> run_add_invite(Call& call) {
  co_return to_json(co_await add_invite(call.house, call.caller, kNewMember.read(call.arguments)));
}
task<Json> run_list_invites(Call& call) { co_return list_of("invites", co_await list_invites(call.house)); }
task<Json> run_list_members(Call& call) { co_return list_of("members", co_await list_members(call.house)); }
task<Json> run_remove_member(Call& call) {
  co_return to_json(co_await remove_member(call.house, call.caller, kNameMember.read(call.arguments).name));
}
task<Json> run_set_member(Call& call) {
  co_return to_json(co_await change_member(call.house, call.caller, kSetMember.read(call.arguments)));
}
task<Json> run_add_share(Call& call) {
  co_return to_json(co_await add_share(call.house, call.caller, kNewShare.read(call.arguments)));
}
task<Json> run_list_shares(Call& call) {
  co_return list_of("shares", co_await list_shares(call.house, kSharesOf.read(call.arguments).name));
}
task<Json> run_remove_share(Call& call) {
  co_return to_json(co_await remove_share(call.house, kOldShare.read(call.arguments)));
}
task<Json> run_add_team(Call& call) {
  co_return to_json(co_await add_team(call.house, kNewTeam.read(call.arguments).name));
}
task<Json> run_list_teams(Call& call) { co_return list_of("teams", co_await list_teams(call.house)); }
task<Json> run_remove_team(Call& call) {
  co_return to_json(co_await remove_team(call.house, kNameTeam.read(call.arguments).name));
}
task<Json> run_set_team(Call& call) {
  co_return to_json(co_await change_team(call.house, kSetTeam.read(call.arguments)));
}
task<Json> run_add_token(Call& call) {
  co_return to_json(co_await add_token(call.house, call.caller, kNewToken.read(call.arguments)));
}
task<Json> run_list_tokens(Call& call) { co_return list_of("tokens", co_await list_tokens(call.house, call.caller)); }
task<Json> run_revoke_token(Call& call) {
  co_return to_json(co_await revoke_token(call.house, call.caller, kNameToken.read(call.arguments).name));
}

constexpr auto kShownOnce = Operation::Answer::kSecret;

constexpr std::array kPeopleRows = {
    Operation{"approval.grant", kPeople, "agrees, as a second person, to what somebody asked for", Verb::kPost,
              "/approvals/{approval}/grant", kNameApproval.fields(), &run_grant_approval},
    Operation{"approval.list",
              kPeople,
              "lists what waits for a second person",
              Verb::kGet,
              "/approvals",
              {},
              &run_list_approvals},
    Operation{"audit.list", kPeople, "lists who did what, newest first", Verb::kGet, "/audit", kListAudit.fields(),
              &run_list_audit},
    Operation{"audit.verify",
              kPeople,
              "says where the audit log was tampered with",
              Verb::kPost,
              "/audit/verify",
              {},
              &run_verify_audit},
    Operation{"invite.add", kPeople, "makes a link by which a new member gets in", Verb::kPost, "/invites",
              kNewMember.fields(), &run_add_invite, kShownOnce},
    Operation{
        "invite.list", kPeople, "lists invites, without their links", Verb::kGet, "/invites", {}, &run_list_invites},
    Operation{"member.list", kPeople, "lists members", Verb::kGet, "/members", {}, &run_list_members},
    Operation{"member.remove", kPeople, "removes a member with their sessions, tokens and shares", Verb::kDelete,
              "/members/{member}", kNameMember.fields(), &run_remove_member},
    Operation{"member.set", kPeople, "changes a member's name or role, or disables them", Verb::kPatch,
              "/members/{member}", kSetMember.fields(), &run_set_member},
    Operation{"share.add", kPeople, "shares an account with a member or a team", Verb::kPost,
              "/accounts/{account}/shares", kNewShare.fields(), &run_add_share},
    Operation{"share.list", kPeople, "lists with whom an account is shared", Verb::kGet, "/accounts/{account}/shares",
              kSharesOf.fields(), &run_list_shares},
    Operation{"share.remove", kPeople, "takes a share back", Verb::kDelete, "/accounts/{account}/shares/{share}",
              kOldShare.fields(), &run_remove_share},
    Operation{"team.add", kPeople, "makes a team", Verb::kPost, "/teams", kNewTeam.fields(), &run_add_team},
    Operation{"team.list", kPeople, "lists teams and their members", Verb::kGet, "/teams", {}, &run_list_teams},
    Operation{"team.remove", kPeople, "removes a team, and what was shared with it", Verb::kDelete, "/teams/{team}",
              kNameTeam.fields(), &run_remove_team},
    Operation{"team.set", kPeople, "adds members to a team, or takes them out", Verb::kPatch, "/teams/{team}",
              kSetTeam.fields(), &run_set_team},
    Operation{"token.add", kPeople, "makes an API token, shown once", Verb::kPost, "/tokens", kNewToken.fields(),
              &run_add_token, kShownOnce},
    Operation{"token.list", kPeople, "lists tokens, without their keys", Verb::kGet, "/tokens", {}, &run_list_tokens},
    Operation{"token.revoke", kPeople, "ends a token at once", Verb::kDelete, "/tokens/{token}", kNameToken.fields(),
              &run_revoke_token},
};

}  // namespace

std::span<const Operation> people_operations() { return kPeopleRows; }

}  // namespace totpilot::services
