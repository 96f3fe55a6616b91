#include <CLI/CLI.hpp>

#include "agent/cli/arguments.h"
#include "agent/cli/command.h"
#include "agent/cli/consent.h"
#include "agent/cli/json_view.h"
#include "agent/cli/list_view.h"
#include "agent/cli/view.h"
#include "agent/services/members.h"

namespace totpilot::cli {
namespace {

using nlohmann::ordered_json;
using services::Act;

int say_invited(Invocation& invocation, const ordered_json& invited) {
  Output& out = invocation.out();
  out.document(invited);
  out.line(text_at(invited, "name") + " gets in once with this key, which is not shown again:");
  out.line(text_at(invited, "key"));
  out.note(fmt::format("until {}: totpilot invite accept", moment_at(invited, "expires")));
  return 0;
}

void add_member_add(CommandTree& tree, CLI::App& group, const std::string& name, const std::string& summary) {
  const Arguments arguments;
  CLI::App& command = tree.add(
      group,
      {.name = name,
       .summary = summary,
       .details = "Prints a key, once. Whoever has it sets the password and gets a TOTP key and recovery codes "
                  "(totpilot invite accept).",
       .examples = {"totpilot " + group.get_name() + " " + name + " anna --role admin"}},
      [arguments](Invocation& invocation) {
        return say_invited(invocation, invocation.perform("invite.add", arguments.take()));
      });
  arguments.text(command, "NAME", "name", "what the member is called")->required();
  arguments.text(command, "--role", "role", "owner, super_admin, admin, user (default) or guest")->type_name("ROLE");
  arguments.integer(command, "--hours", "hours", "how long the key holds; default 72")->type_name("N");
}

void add_member_list(CommandTree& tree, CLI::App& group) {
  tree.add(group, {.name = "list", .summary = "list members", .details = {}, .examples = {"totpilot member list"}},
           [](Invocation& invocation) {
             show_list(invocation.out(), invocation.perform("member.list"), "members",
                       {"NAME", "ROLE", "SIGNS IN", "CODES LEFT", "LAST"},
                       [](const ordered_json& one) -> std::vector<std::string> {
                         return {text_at(one, "name"), text_at(one, "role"),
                                 flag_at(one, "disabled")      ? "disabled"
                                 : flag_at(one, "can_sign_in") ? "yes"
                                                               : "invited",
                                 text_at(one, "unused_codes"), moment_cell(one, "signed_in")};
                       });
             return 0;
           });
}

int say_member(Invocation& invocation, const ordered_json& member, std::string_view verb) {
  invocation.out().document({{"member", member}});
  invocation.out().line(fmt::format("{} {} ({}{})", verb, text_at(member, "name"), text_at(member, "role"),
                                    flag_at(member, "disabled") ? ", disabled" : ""));
  return 0;
}

void add_member_set(CommandTree& tree, CLI::App& group) {
  const Arguments arguments;
  CLI::App& command =
      tree.add(group,
               {.name = "set",
                .summary = "change a member's name or role, or disable them",
                .details = "Their sessions end when the role changes; what a disabled member made stays.",
                .examples = {"totpilot member set anna --role admin", "totpilot member set anna --disable"}},
               [arguments](Invocation& invocation) {
                 return say_member(invocation, invocation.perform("member.set", arguments.take()), "changed");
               });
  arguments.text(command, "MEMBER", "member", "name or id")->required();
  arguments.text(command, "--name", "name", "another name")->type_name("NAME");
  arguments.text(command, "--role", "role", "another role")->type_name("ROLE");
  auto* disable = arguments.flag(command, "--disable", "disabled", "may not sign in");
  arguments.flag(command, "--enable", "disabled", "may sign in again", false)->excludes(disable);
}

struct MemberOptions {
  std::string member;
  Consent consent;
  bool local = false;
};

void add_member_remove(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<MemberOptions>();
  CLI::App& command = tree.add(
      group,
      {.name = "remove",
       .summary = "remove a member with their sessions, tokens and shares",
       .details = "Asks first; a script says --yes.",
       .examples = {"totpilot member remove anna --yes"}},
      [options](Invocation& invocation) {
        options->consent.require(fmt::format("remove the member {}?", printable(options->member)),
                                 "nobody was removed");
        return say_member(invocation, invocation.perform("member.remove", {{"member", options->member}}), "removed");
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
        return say_invited(invocation,
                           services::to_json(invocation.run(
                               Act{"member.reset", {}, options->member, {}},
                               services::reset_member(invocation.house(), invocation.caller(), options->member))));
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
             show_list(invocation.out(), invocation.perform("invite.list"), "invites",
                       {"NAME", "ROLE", "BY", "UNTIL", "USED"},
                       [](const ordered_json& one) -> std::vector<std::string> {
                         return {text_at(one, "name"), text_at(one, "role"), text_at(one, "created_by"),
                                 moment_cell(one, "expires"), moment_cell(one, "used")};
                       });
             return 0;
           });
}

int say_team(Invocation& invocation, const ordered_json& team) {
  const auto members = texts_at(team, "members");
  invocation.out().document({{"team", team}});
  invocation.out().line(
      fmt::format("{}: {}", text_at(team, "name"), members.empty() ? "nobody" : joined(members, ", ")));
  return 0;
}

void add_team_commands(CommandTree& tree) {
  CLI::App& group = tree.add_group(
      {.name = "team", .summary = "teams of members: add, list, set, remove", .details = {}, .examples = {}});
  const Arguments made;
  CLI::App& add = tree.add(
      group, {.name = "add", .summary = "make a team", .details = {}, .examples = {"totpilot team add web"}},
      [made](Invocation& invocation) { return say_team(invocation, invocation.perform("team.add", made.take())); });
  made.text(add, "NAME", "name", "what it is called")->required();
  tree.add(group, {.name = "list", .summary = "list teams", .details = {}, .examples = {"totpilot team list"}},
           [](Invocation& invocation) {
             show_list(invocation.out(), invocation.perform("team.list"), "teams", {"NAME", "MEMBERS"},
                       [](const ordered_json& one) -> std::vector<std::string> {
                         return {text_at(one, "name"), joined(texts_at(one, "members"), ", ")};
                       });
             return 0;
           });
  const Arguments changed;
  CLI::App& set = tree.add(group,
                           {.name = "set",
                            .summary = "add members to a team, or take them out",
                            .details = {},
                            .examples = {"totpilot team set web --add anna --remove bob"}},
                           [changed](Invocation& invocation) {
                             return say_team(invocation, invocation.perform("team.set", changed.take()));
                           });
  changed.text(set, "TEAM", "team", "name or id")->required();
  changed.texts(set, "--add", "add_members", "members to add")->type_name("MEMBER");
  changed.texts(set, "--remove", "remove_members", "members to take out")->type_name("MEMBER");
  auto options = std::make_shared<MemberOptions>();
  CLI::App& remove = tree.add(
      group,
      {.name = "remove",
       .summary = "remove a team, and what was shared with it",
       .details = "Asks first; a script says --yes.",
       .examples = {"totpilot team remove web --yes"}},
      [options](Invocation& invocation) {
        options->consent.require(fmt::format("remove the team {}?", printable(options->member)), "nothing was removed");
        return say_team(invocation, invocation.perform("team.remove", {{"team", options->member}}));
      });
  remove.add_option("TEAM", options->member, "name or id")->required();
  options->consent.add_option(remove);
}

std::string shared_with(const ordered_json& share) {
  const std::string member = text_at(share, "member");
  return member.empty() ? "team " + text_at(share, "team") : member;
}

int say_share(Invocation& invocation, const ordered_json& share) {
  const std::string until = moment_at(share, "expires");
  invocation.out().document({{"share", share}});
  invocation.out().line(fmt::format("{}  {} with {} as {}{}{}", text_at(share, "id"), text_at(share, "account"),
                                    shared_with(share), text_at(share, "role"),
                                    flag_at(share, "password") ? ", with the password" : "",
                                    until.empty() ? "" : ", until " + until));
  return 0;
}

void add_share_commands(CommandTree& tree) {
  CLI::App& group = tree.add_group(
      {.name = "share", .summary = "who may use an account: add, list, remove", .details = {}, .examples = {}});
  const Arguments given;
  CLI::App& add = tree.add(
      group,
      {.name = "add",
       .summary = "share an account with a member or a team",
       .details = "A collaborator signs in and reads codes, and never sees the secret; an owner manages the account.",
       .examples = {"totpilot share add work --member anna --hours 8",
                    "totpilot share add work --team web --role owner"}},
      [given](Invocation& invocation) { return say_share(invocation, invocation.perform("share.add", given.take())); });
  given.text(add, "ACCOUNT", "account", "its name or id")->required();
  auto* member = given.text(add, "--member", "member", "with this member")->type_name("MEMBER");
  given.text(add, "--team", "team", "with this team")->type_name("TEAM")->excludes(member);
  given.text(add, "--role", "role", "collaborator (default) or owner")->type_name("ROLE");
  given.flag(add, "--with-password", "password", "also the account's password");
  given.integer(add, "--hours", "hours", "for so long; default: until it is taken back")->type_name("N");
  auto account = std::make_shared<std::string>();
  CLI::App& list = tree.add(
      group, {.name = "list", .summary = "list shares", .details = {}, .examples = {"totpilot share list work"}},
      [account](Invocation& invocation) {
        show_list(invocation.out(), list_of_accounts(invocation, "share.list", "shares", *account), "shares",
                  {"ID", "ACCOUNT", "WITH", "ROLE", "UNTIL"}, [](const ordered_json& one) -> std::vector<std::string> {
                    return {text_at(one, "id"), text_at(one, "account"), shared_with(one), text_at(one, "role"),
                            flag_at(one, "over") ? "over" : moment_cell(one, "expires")};
                  });
        return 0;
      });
  list.add_option("ACCOUNT", *account, "only of this account");
  const Arguments old;
  CLI::App& remove = tree.add(
      group,
      {.name = "remove",
       .summary = "take a share back",
       .details = {},
       .examples = {"totpilot share remove work sha_0193..."}},
      [old](Invocation& invocation) { return say_share(invocation, invocation.perform("share.remove", old.take())); });
  old.text(remove, "ACCOUNT", "account", "its name or id")->required();
  old.text(remove, "SHARE", "share", "the share's id")->required();
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
