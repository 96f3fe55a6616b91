#include "agent/services/roles.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "agent/base/failure.h"

namespace totpilot::services {
namespace {

constexpr std::array kRoleNames = {
    std::pair{Role::kOwner, std::string_view("owner")}, std::pair{Role::kSuperAdmin, std::string_view("super_admin")},
    std::pair{Role::kAdmin, std::string_view("admin")}, std::pair{Role::kUser, std::string_view("user")},
    std::pair{Role::kGuest, std::string_view("guest")}};

using enum Role;
constexpr AccountRole kAny = AccountRole::kNone;
constexpr AccountRole kShared = AccountRole::kCollaborator;
constexpr AccountRole kOwned = AccountRole::kOwner;
constexpr Proof kPlain = Proof::kNone;
constexpr Proof kAgain = Proof::kRecent;
constexpr Audited kUnseen = Audited::kNo;
constexpr Audited kGiven = Audited::kBeforeItLeaves;
constexpr Audited kChange = Audited::kBeforeAndAfter;

constexpr std::array kRules = {
    Rule{"account.add", kUser, kAny, kPlain, kChange},
    Rule{"account.list", kGuest, kAny, kPlain, kUnseen},
    Rule{"account.remove", kUser, kOwned, kPlain, kChange},
    Rule{"account.set", kUser, kOwned, kPlain, kChange},
    Rule{"account.show", kGuest, kShared, kPlain, kUnseen},
    Rule{"approval.grant", kSuperAdmin, kAny, kAgain, kChange},
    Rule{"approval.list", kSuperAdmin, kAny, kPlain, kUnseen},
    Rule{"audit.list", kAdmin, kAny, kPlain, kUnseen},
    Rule{"audit.verify", kAdmin, kAny, kPlain, kUnseen},
    Rule{"campaign.list", kSuperAdmin, kAny, kPlain, kUnseen},
    Rule{"campaign.pause", kSuperAdmin, kAny, kPlain, kChange},
    Rule{"campaign.plan", kSuperAdmin, kAny, kPlain, kChange},
    Rule{"campaign.result", kSuperAdmin, kAny, kPlain, kUnseen},
    Rule{"campaign.resume", kSuperAdmin, kAny, kPlain, kChange},
    Rule{"campaign.show", kSuperAdmin, kAny, kPlain, kUnseen},
    Rule{"campaign.start", kSuperAdmin, kAny, kPlain, kChange},
    Rule{"campaign.stop", kSuperAdmin, kAny, kPlain, kChange},
    Rule{"code.claim", kGuest, kShared, kPlain, kGiven},
    Rule{"code.get", kGuest, kShared, kPlain, kGiven},
    Rule{"doctor.examine", kAdmin, kAny, kPlain, kUnseen},
    Rule{"factor.confirm", kUser, kOwned, kPlain, kChange},
    Rule{"factor.discard", kUser, kOwned, kPlain, kChange},
    Rule{"factor.escrow", kSuperAdmin, kAny, kPlain, kUnseen},
    Rule{"factor.export", kUser, kOwned, kAgain, kGiven},
    Rule{"factor.import", kUser, kOwned, kPlain, kChange},
    Rule{"factor.list", kGuest, kShared, kPlain, kUnseen},
    Rule{"factor.retire", kUser, kOwned, kPlain, kChange},
    Rule{"invite.accept", kOwner, kAny, kPlain, kGiven},
    Rule{"invite.add", kAdmin, kAny, kAgain, kChange},
    Rule{"invite.list", kAdmin, kAny, kPlain, kUnseen},
    Rule{"job.answer", kGuest, kShared, kPlain, kChange},
    Rule{"job.cancel", kUser, kOwned, kPlain, kChange},
    Rule{"job.events", kGuest, kAny, kPlain, kUnseen},
    Rule{"job.list", kGuest, kAny, kPlain, kUnseen},
    Rule{"job.retry", kUser, kOwned, kPlain, kChange},
    Rule{"job.show", kGuest, kShared, kPlain, kUnseen},
    Rule{"member.list", kUser, kAny, kPlain, kUnseen},
    Rule{"member.remove", kAdmin, kAny, kAgain, kChange},
    Rule{"member.reset", kOwner, kAny, kAgain, kChange},
    Rule{"member.set", kAdmin, kAny, kAgain, kChange},
    Rule{"playbook.explain", kGuest, kAny, kPlain, kUnseen},
    Rule{"playbook.lint", kGuest, kAny, kPlain, kUnseen},
    Rule{"playbook.list", kGuest, kAny, kPlain, kUnseen},
    Rule{"playbook.schema", kGuest, kAny, kPlain, kUnseen},
    Rule{"recovery_codes.list", kGuest, kShared, kPlain, kUnseen},
    Rule{"recovery_codes.new", kUser, kOwned, kAgain, kChange},
    Rule{"recovery_codes.show", kUser, kOwned, kAgain, kGiven},
    Rule{"recovery_codes.use", kGuest, kShared, kPlain, kGiven},
    Rule{"run.check", kGuest, kShared, kPlain, kChange},
    Rule{"run.disable", kUser, kOwned, kAgain, kChange},
    Rule{"run.enroll", kUser, kOwned, kPlain, kChange},
    Rule{"run.login", kGuest, kShared, kPlain, kChange},
    Rule{"run.recover", kUser, kOwned, kPlain, kChange},
    Rule{"schedule.add", kSuperAdmin, kAny, kPlain, kChange},
    Rule{"schedule.list", kSuperAdmin, kAny, kPlain, kUnseen},
    Rule{"schedule.remove", kSuperAdmin, kAny, kPlain, kChange},
    Rule{"schedule.run_now", kSuperAdmin, kAny, kPlain, kChange},
    Rule{"schedule.set", kSuperAdmin, kAny, kPlain, kChange},
    Rule{"schedule.show", kSuperAdmin, kAny, kPlain, kUnseen},
    Rule{"session.get", kGuest, kShared, kPlain, kGiven},
    Rule{"share.add", kUser, kOwned, kPlain, kChange},
    Rule{"share.list", kUser, kOwned, kPlain, kUnseen},
    Rule{"share.remove", kUser, kOwned, kPlain, kChange},
    Rule{"team.add", kAdmin, kAny, kPlain, kChange},
    Rule{"team.list", kUser, kAny, kPlain, kUnseen},
    Rule{"team.remove", kAdmin, kAny, kPlain, kChange},
    Rule{"team.set", kAdmin, kAny, kPlain, kChange},
    Rule{"token.add", kUser, kAny, kAgain, kChange},
    Rule{"token.list", kUser, kAny, kPlain, kUnseen},
    Rule{"token.revoke", kUser, kAny, kPlain, kChange},
    Rule{"vault.accept_rollback", kOwner, kAny, kAgain, kChange},
    Rule{"vault.backup", kSuperAdmin, kAny, kAgain, kChange},
    Rule{"vault.init", kOwner, kAny, kAgain, kGiven},
    Rule{"vault.key_file", kOwner, kAny, kAgain, kChange},
    Rule{"vault.kit", kOwner, kAny, kAgain, kChange},
    Rule{"vault.passphrase", kOwner, kAny, kAgain, kChange},
    Rule{"vault.remove_slot", kOwner, kAny, kAgain, kChange},
    Rule{"vault.restore", kOwner, kAny, kAgain, kUnseen},
    Rule{"vault.rotate_key", kOwner, kAny, kAgain, kChange},
    Rule{"vault.status", kAdmin, kAny, kPlain, kUnseen},
    Rule{"vault.unseal", kOwner, kAny, kPlain, kGiven},
};

static_assert(std::ranges::is_sorted(kRules, {}, &Rule::operation));

constexpr std::string_view kPageTop = R"(# Roles: what each may do

Written from the table in `agent/services/roles.cpp` (`TOTPILOT_UPDATE=1 build/test/bin/services_test` writes it anew); do not edit it here.

**In the workspace** a member is one of: `owner`, `super_admin`, `admin`, `user`, `guest`, the highest first; each may do what those below may.
Owners and super admins own every account. Admins look after members, teams and invites, and see the audit log; they read no codes but of accounts
that are shared with them. Users add accounts of their own. Guests use what is shared with them, as collaborators at most, and own nothing.
Owners manage all members, super admins and admins those below them. There is always an owner who can sign in.

**On an account** a member is nothing, `collaborator` (signs in, reads codes; never the secret, and the password only where the owner says so) or `owner`
(manages it, shares it). It comes from a share, by name or by a team, until the share ends.

**A token** may do what its scopes say and its member may. One without a member may do what a super admin may, within its scopes. Nobody is behind
it to be asked again, so it needs no renewed proof: whoever made it gave theirs.

**The command line on the machine itself** may do everything, as the user who owns the state directory. It stands in the audit log like everybody.

*Again*: password and code within the last five minutes. *Recorded*: "given", one record before a code or secret leaves; "change", one before it begins
and one with its outcome. What cannot be recorded is not done. (`vault.restore` puts another log in place: `audit verify` shows it by the checkpoints.)

)";

std::string_view account_word(AccountRole role) {
  return role == AccountRole::kNone ? std::string_view("-") : account_role_name(role);
}

std::string_view audited_word(Audited audited) {
  switch (audited) {
    case Audited::kNo:
      return "-";
    case Audited::kBeforeItLeaves:
      return "given";
    case Audited::kBeforeAndAfter:
      return "change";
  }
  return "-";
}

std::string_view mark(const Rule& rule, Role role) {
  for (const AccountRole on : {AccountRole::kNone, AccountRole::kCollaborator, AccountRole::kOwner})
    if (judge(rule, role, effective(role, on)) == Refusal::kNone)
      return on == AccountRole::kNone ? "yes" : on == AccountRole::kCollaborator ? "shared" : "own";
  return "-";
}

}  // namespace

std::string_view role_name(Role role) {
  return std::ranges::find(kRoleNames, role, &decltype(kRoleNames)::value_type::first)->second;
}

Role role_of(std::string_view name) {
  const auto* found = std::ranges::find(kRoleNames, name, &decltype(kRoleNames)::value_type::second);
  if (found == kRoleNames.end())
    throw Failure(Outcome::kInvalidInput, "that is no role", "owner, super_admin, admin, user or guest");
  return found->first;
}

bool at_least(Role role, Role least) { return static_cast<int>(role) <= static_cast<int>(least); }

bool may_manage(Role role, Role other) {
  return role == Role::kOwner || (at_least(role, Role::kAdmin) && at_least(role, other) && role != other);
}

std::string_view account_role_name(AccountRole role) {
  switch (role) {
    case AccountRole::kNone:
      return "none";
    case AccountRole::kCollaborator:
      return "collaborator";
    case AccountRole::kOwner:
      return "owner";
  }
  return "none";
}

AccountRole account_role_of(Role role) {
  return at_least(role, Role::kSuperAdmin) ? AccountRole::kOwner : AccountRole::kNone;
}

AccountRole effective(Role role, AccountRole shared) {
  if (role == Role::kGuest) return std::min(shared, AccountRole::kCollaborator);
  return std::max(account_role_of(role), shared);
}

std::span<const Rule> all_rules() { return kRules; }

const Rule* find_rule(std::string_view operation) {
  const auto* found = std::ranges::find(kRules, operation, &Rule::operation);
  return found == kRules.end() ? nullptr : found;
}

Refusal judge(const Rule& rule, Role role, AccountRole on_account) {
  if (!at_least(role, rule.least)) return Refusal::kRole;
  return on_account < rule.account ? Refusal::kAccount : Refusal::kNone;
}

std::string roles_page() {
  std::string page(kPageTop);
  page +=
      "| operation | owner | super_admin | admin | user | guest | on the account | again | recorded |\n"
      "|---|---|---|---|---|---|---|---|---|\n";
  for (const Rule& rule : kRules) {
    page += fmt::format("| `{}` ", rule.operation);
    for (const auto& [role, name] : kRoleNames) page += fmt::format("| {} ", mark(rule, role));
    page += fmt::format("| {} | {} | {} |\n", account_word(rule.account), rule.proof == Proof::kRecent ? "yes" : "-",
                        audited_word(rule.audited));
  }
  page += "\n\"shared\": on accounts shared with them; \"own\": on accounts that they own.\n";
  return page;
}

}  // namespace totpilot::services
