#pragma once
// Roles: what each may do, as one table: an operation, the least role in the workspace, the role that is needed on the
// account it is about. perform() asks here; docs/roles.md is written from here.
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agent/services/caller.h"

namespace totpilot::services {

std::string_view role_name(Role role);  // "super_admin"
/// invalid_input for a word that is no role.
Role role_of(std::string_view name);
/// Is `role` as high as `least`, or higher?
bool at_least(Role role, Role least);
/// May `role` make, change and remove members of role `other`? Owners may with all, others with those below them.
bool may_manage(Role role, Role other);

/// What a member is to one account, the weakest first.
enum class AccountRole { kNone, kCollaborator, kOwner };
std::string_view account_role_name(AccountRole role);  // "collaborator"
/// What the workspace role alone makes of a member on every account: owners and super admins own all of them.
AccountRole account_role_of(Role role);
/// The stronger of the workspace's and a share's; a guest is a collaborator at most.
AccountRole effective(Role role, AccountRole shared);

/// What is asked of a caller beside role and scope.
enum class Proof {
  kNone,
  kRecent,  // a person gave password and code within the last five minutes
};
/// How it stands in the audit log.
enum class Audited {
  kNo,
  kBeforeItLeaves,  // one record, before what it gives leaves us: codes and secrets
  kBeforeAndAfter,  // one before it begins and one with its outcome: changes
};

struct Rule {
  std::string_view operation;
  Role least = Role::kOwner;
  AccountRole account = AccountRole::kNone;  // kNone: it is about no account, or shows only what the caller may see
  Proof proof = Proof::kNone;
  Audited audited = Audited::kNo;
};

/// In the order of the operations' names.
std::span<const Rule> all_rules();
/// Nothing for an operation that has none: then nobody may.
const Rule* find_rule(std::string_view operation);

enum class Refusal { kNone, kRole, kAccount };
/// May a member with this role, and this role on the account, do it? Scopes and proof are the caller's, not the role's.
Refusal judge(const Rule& rule, Role role, AccountRole on_account);

/// docs/roles.md.
std::string roles_page();

}  // namespace totpilot::services
