#include <CLI/CLI.hpp>

#include "agent/cli/command.h"
#include "agent/cli/consent.h"
#include "agent/cli/view.h"
#include "agent/services/approvals.h"
#include "agent/services/members.h"
#include "agent/services/shares.h"

namespace totpilot::cli {
namespace {

using services::Act;

/// A list as its document, and as a table for people.
template <class View>
nlohmann::ordered_json array_of(const std::vector<View>& views) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const View& view : views) list.push_back(services::to_json(view));
  return list;
}

int say_invited(Invocation& invocation, const services::Invited& invited) {
  Output& out = invocation.out();
  out.document(services::to_json(invited));
  out.line(invited.invite.name + " gets in once with this key, which is not shown again:");
  out.line(invited.key.reveal());
  out.note(fmt::format("until {}: totpilot invite accept", day_and_time(invited.invite.expires)));
  return 0;
}

void add_member_add(CommandTree& tree, CLI::App& group, const std::string& name, const std::string& summary) {
  auto request = std::make_shared<services::AddInvite>();
  CLI::App& command = tree.add(
      group,
      {.name = name,
       .summary = summary,
       .details = "Prints a key, once. Whoever has it sets the password and gets a TOTP key and recovery codes "
                  "(totpilot invite accept).",
       .examples = {"totpilot " + group.get_name() + " " + name + " anna --role admin"}},
      [request](Invocation& invocation) {
        return say_invited(invocation,
                           invocation.run(Act{"invite.add", {}, request->name, {}},
                                          services::add_invite(invocation.house(), invocation.caller(), *request)));
      });
  command.add_option("NAME", request->name, "what the member is called")->required();
  command.add_option("--role", request->role, "owner, super_admin, admin, user (default) or guest")->type_name("ROLE");
  command.add_option("--hours", request->hours, "how long the key holds; default 72")->type_name("N");
}

void add_member_list(CommandTree& tree, CLI::App& group) {
  tree.add(group, {.name = "list", .summary = "list members", .details = {}, .examples = {"totpilot member list"}},
           [](Invocation& invocation) {
             const auto members = invocation.run(services::list_members(invocation.house()));
             std::vector<std::vector<std::string>> rows = {{"NAME", "ROLE", "SIGNS IN", "CODES LEFT", "LAST"}};
             for (const auto& one : members)
               rows.push_back({one.name, one.role,
                               one.disabled      ? "disabled"
                               : one.can_sign_in ? "yes"
                                                 : "invited",
                               std::to_string(one.unused_codes), day_and_time(one.signed_in)});
             invocation.out().document({{"members", array_of(members)}});
             invocation.out().table(rows);
             return 0;
           });
}

struct SetOptions {
  services::ChangeMember request;
  bool disable = false;
  bool enable = false;
};

int say_member(Invocation& invocation, const services::MemberView& member, std::string_view verb) {
  invocation.out().document({{"member", services::to_json(member)}});
  invocation.out().line(
      fmt::format("{} {} ({}{})", verb, member.name, member.role, member.disabled ? ", disabled" : ""));
  return 0;
}

void add_member_set(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<SetOptions>();
  CLI::App& command =
      tree.add(group,
               {.name = "set",
                .summary = "change a member's name or role, or disable them",
                .details = "Their sessions end when the role changes; what a disabled member made stays.",
                .examples = {"totpilot member set anna --role admin", "totpilot member set anna --disable"}},
               [options](Invocation& invocation) {
                 if (options->disable || options->enable) options->request.disabled = options->disable;
                 return say_member(
                     invocation,
                     invocation.run(Act{"member.set", {}, options->request.member, {}},
                                    services::change_member(invocation.house(), invocation.caller(), options->request)),
                     "changed");
               });
  command.add_option("MEMBER", options->request.member, "name or id")->required();
  command.add_option("--name", options->request.name, "another name")->type_name("NAME");
  command.add_option("--role", options->request.role, "another role")->type_name("ROLE");
  auto* disable = command.add_flag("--disable", options->disable, "may not sign in");
  command.add_flag("--enable", options->enable, "may sign in again")->excludes(disable);
}

struct MemberOptions {
  std::string member;
  Consent consent;
  bool local = false;
};

void add_member_remove(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<MemberOptions>();
  CLI::App& command =
      tree.add(group,
               {.name = "remove",
                .summary = "remove a member with their sessions, tokens and shares",
                .details = "Asks first; a script says --yes.",
                .examples = {"totpilot member remove anna --yes"}},
               [options](Invocation& invocation) {
                 options->consent.require(fmt::format("remove the member {}?", printable(options->member)),
                                          "nobody was removed");
                 return say_member(
                     invocation,
                     invocation.run(Act{"member.remove", {}, options->member, {}},
                                    services::remove_member(invocation.house(), invocation.caller(), options->member)),
                     "removed");
               });
  command.add_option("MEMBER", options->member, "name or id")->required();
  options->consent.add_option(command);
}

void add_member_reset(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<MemberOptions>();
  CLI::App& command = tree.add(
      group,
      {.name = "reset",
       .summary = "let a member who lost password or codes begin anew",
       .details = "On the machine itself. Password, TOTP key, recovery codes and sessions go; a fresh key lets the "
                  "member set new ones. Asks\n"
                  "first; a script says --yes.",
       .examples = {"totpilot member reset --local anna --yes"}},
      [options](Invocation& invocation) {
        options->consent.require(fmt::format("take password and codes of {} away?", printable(options->member)),
                                 "nothing was reset");
        return say_invited(invocation, invocation.run(Act{"member.reset", {}, options->member, {}},
                                                      services::reset_member(invocation.house(), invocation.caller(),
                                                                             options->member)));
      });
  command.add_option("MEMBER", options->member, "name or id")->required();
  command
      .add_flag("--local", options->local, "says that it is done on this machine, and by nobody's right but its own")
      ->required();
  options->consent.add_option(command);
}

void add_invite_accept(CommandTree& tree, CLI::App& group) {
  struct Options {
    SecretSource key{"key"};
    SecretSource password{"password"};
  };
  auto options = std::make_shared<Options>();
  CLI::App& command = tree.add(
      group,
      {.name = "accept",
       .summary = "become a member with the key of an invite",
       .details = "Sets the password and prints, once, the TOTP key for your authenticator and your recovery codes.",
       .examples = {"totpilot invite accept", "totpilot invite accept --key-file invite --password-file password"}},
      [options](Invocation& invocation) {
        services::AcceptInvite request{.key = options->key.read_or_ask("key of the invite"),
                                       .password = options->password.read_or_ask_new("new password")};
        const auto accepted = invocation.run(Act{"invite.accept", {}, {}, {}},
                                             services::accept_invite(invocation.house(), std::move(request)));
        Output& out = invocation.out();
        out.document(services::to_json(accepted));
        out.line(fmt::format("{} is a member ({})", accepted.member.name, accepted.member.role));
        out.line(accepted.totp_uri.reveal());
        for (const Secret& code : accepted.recovery_codes) out.line(code.reveal());
        out.note("keep the recovery codes: neither they nor the key are shown again");
        return 0;
      });
  options->key.add_options(command);
  options->password.add_options(command);
}

void add_invite_list(CommandTree& tree, CLI::App& group) {
  tree.add(group, {.name = "list", .summary = "list invites", .details = {}, .examples = {"totpilot invite list"}},
           [](Invocation& invocation) {
             const auto invites = invocation.run(services::list_invites(invocation.house()));
             std::vector<std::vector<std::string>> rows = {{"NAME", "ROLE", "BY", "UNTIL", "USED"}};
             for (const auto& one : invites)
               rows.push_back({one.name, one.role, one.created_by, day_and_time(one.expires), day_and_time(one.used)});
             invocation.out().document({{"invites", array_of(invites)}});
             invocation.out().table(rows);
             return 0;
           });
}

int say_team(Invocation& invocation, const services::TeamView& team) {
  invocation.out().document({{"team", services::to_json(team)}});
  invocation.out().line(fmt::format("{}: {}", team.name, team.members.empty() ? "nobody" : joined(team.members, ", ")));
  return 0;
}

void add_team_commands(CommandTree& tree) {
  CLI::App& group = tree.add_group(
      {.name = "team", .summary = "teams of members: add, list, set, remove", .details = {}, .examples = {}});
  auto name = std::make_shared<std::string>();
  CLI::App& add = tree.add(
      group, {.name = "add", .summary = "make a team", .details = {}, .examples = {"totpilot team add web"}},
      [name](Invocation& invocation) {
        return say_team(invocation,
                        invocation.run(Act{"team.add", {}, *name, {}}, services::add_team(invocation.house(), *name)));
      });
  add.add_option("NAME", *name, "what it is called")->required();
  tree.add(group, {.name = "list", .summary = "list teams", .details = {}, .examples = {"totpilot team list"}},
           [](Invocation& invocation) {
             const auto teams = invocation.run(services::list_teams(invocation.house()));
             std::vector<std::vector<std::string>> rows = {{"NAME", "MEMBERS"}};
             for (const auto& one : teams) rows.push_back({one.name, joined(one.members, ", ")});
             invocation.out().document({{"teams", array_of(teams)}});
             invocation.out().table(rows);
             return 0;
           });
  auto change = std::make_shared<services::ChangeTeam>();
  CLI::App& set =
      tree.add(group,
               {.name = "set",
                .summary = "add members to a team, or take them out",
                .details = {},
                .examples = {"totpilot team set web --add anna --remove bob"}},
               [change](Invocation& invocation) {
                 return say_team(invocation, invocation.run(Act{"team.set", {}, change->team, {}},
                                                            services::change_team(invocation.house(), *change)));
               });
  set.add_option("TEAM", change->team, "name or id")->required();
  set.add_option("--add", change->add_members, "members to add")->type_name("MEMBER");
  set.add_option("--remove", change->remove_members, "members to take out")->type_name("MEMBER");
  auto options = std::make_shared<MemberOptions>();
  CLI::App& remove = tree.add(
      group,
      {.name = "remove",
       .summary = "remove a team, and what was shared with it",
       .details = "Asks first; a script says --yes.",
       .examples = {"totpilot team remove web --yes"}},
      [options](Invocation& invocation) {
        options->consent.require(fmt::format("remove the team {}?", printable(options->member)), "nothing was removed");
        return say_team(invocation, invocation.run(Act{"team.remove", {}, options->member, {}},
                                                   services::remove_team(invocation.house(), options->member)));
      });
  remove.add_option("TEAM", options->member, "name or id")->required();
  options->consent.add_option(remove);
}

int say_share(Invocation& invocation, const services::ShareView& share) {
  invocation.out().document({{"share", services::to_json(share)}});
  invocation.out().line(fmt::format("{}  {} with {} as {}{}{}", share.id.str(), share.account,
                                    share.member.empty() ? "team " + share.team : share.member, share.role,
                                    share.password ? ", with the password" : "",
                                    share.expires ? ", until " + day_and_time(share.expires) : ""));
  return 0;
}

void add_share_commands(CommandTree& tree) {
  CLI::App& group = tree.add_group(
      {.name = "share", .summary = "who may use an account: add, list, remove", .details = {}, .examples = {}});
  auto request = std::make_shared<services::AddShare>();
  CLI::App& add = tree.add(
      group,
      {.name = "add",
       .summary = "share an account with a member or a team",
       .details = "A collaborator signs in and reads codes, and never sees the secret; an owner manages the account.",
       .examples = {"totpilot share add work --member anna --hours 8",
                    "totpilot share add work --team web --role owner"}},
      [request](Invocation& invocation) {
        return say_share(
            invocation,
            invocation.run(
                Act{"share.add", request->account, request->member.empty() ? request->team : request->member, {}},
                services::add_share(invocation.house(), invocation.caller(), *request)));
      });
  add.add_option("ACCOUNT", request->account, "its name or id")->required();
  auto* member = add.add_option("--member", request->member, "with this member")->type_name("MEMBER");
  add.add_option("--team", request->team, "with this team")->type_name("TEAM")->excludes(member);
  add.add_option("--role", request->role, "collaborator (default) or owner")->type_name("ROLE");
  add.add_flag("--with-password", request->password, "also the account's password");
  add.add_option("--hours", request->hours, "for so long; default: until it is taken back")->type_name("N");
  auto account = std::make_shared<std::string>();
  CLI::App& list = tree.add(
      group, {.name = "list", .summary = "list shares", .details = {}, .examples = {"totpilot share list work"}},
      [account](Invocation& invocation) {
        const auto shares = invocation.run(services::list_shares(invocation.house(), *account));
        std::vector<std::vector<std::string>> rows = {{"ID", "ACCOUNT", "WITH", "ROLE", "UNTIL"}};
        for (const auto& one : shares)
          rows.push_back({one.id.str(), one.account, one.member.empty() ? "team " + one.team : one.member, one.role,
                          one.over ? "over" : day_and_time(one.expires)});
        invocation.out().document({{"shares", array_of(shares)}});
        invocation.out().table(rows);
        return 0;
      });
  list.add_option("ACCOUNT", *account, "only of this account");
  auto old = std::make_shared<services::RemoveShare>();
  CLI::App& remove =
      tree.add(group,
               {.name = "remove",
                .summary = "take a share back",
                .details = {},
                .examples = {"totpilot share remove work sha_0193..."}},
               [old](Invocation& invocation) {
                 return say_share(invocation, invocation.run(Act{"share.remove", old->account, old->share, {}},
                                                             services::remove_share(invocation.house(), *old)));
               });
  remove.add_option("ACCOUNT", old->account, "its name or id")->required();
  remove.add_option("SHARE", old->share, "the share's id")->required();
}

}  // namespace

void add_people_commands(CommandTree& tree) {
  CLI::App& members = tree.add_group(
      {.name = "member", .summary = "who belongs here: add, list, set, remove, reset", .details = {}, .examples = {}});
  add_member_add(tree, members, "add", "invite a new member");
  add_member_list(tree, members);
  add_member_set(tree, members);
  add_member_remove(tree, members);
  add_member_reset(tree, members);
  CLI::App& invites = tree.add_group(
      {.name = "invite", .summary = "keys by which members get in: add, accept, list", .details = {}, .examples = {}});
  add_member_add(tree, invites, "add", "make the key by which a new member gets in");
  add_invite_accept(tree, invites);
  add_invite_list(tree, invites);
  add_team_commands(tree);
  add_share_commands(tree);
}

}  // namespace totpilot::cli
