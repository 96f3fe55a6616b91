#include "agent/services/roles.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>

#include "agent/base/file.h"

namespace totpilot::services {
namespace {

constexpr std::array kRoles = {Role::kOwner, Role::kSuperAdmin, Role::kAdmin, Role::kUser, Role::kGuest};

TEST(Roles, EveryOperationHasARuleAndNoRuleIsOfNothing) {
  std::set<std::string_view> ruled;
  for (const Rule& rule : all_rules()) ruled.insert(rule.operation);
  for (const Operation& operation : all_operations())
    EXPECT_TRUE(ruled.contains(operation.name))
        << operation.name << " needs a line in the table of agent/services/roles.cpp, or nobody may do it";
  // Done on the machine itself, without a row.
  const std::set<std::string_view> at_home = {"invite.accept", "member.reset"};
  for (const std::string_view name : ruled)
    EXPECT_TRUE(find_operation(name) != nullptr || at_home.contains(name)) << name << " is no operation";
}

TEST(Roles, EveryPairOfRoleAndOperationIsJudgedAsTheTableSays) {
  for (const Rule& rule : all_rules())
    for (const Role role : kRoles)
      for (const AccountRole shared : {AccountRole::kNone, AccountRole::kCollaborator, AccountRole::kOwner}) {
        const AccountRole on = effective(role, shared);
        const bool high_enough = static_cast<int>(role) <= static_cast<int>(rule.least);
        const bool expected = high_enough && static_cast<int>(on) >= static_cast<int>(rule.account);
        EXPECT_EQ(judge(rule, role, on) == Refusal::kNone, expected)
            << rule.operation << " by " << role_name(role) << " who is " << account_role_name(shared);
      }
}

TEST(Roles, AHigherRoleMayAllThatALowerOneMay) {
  for (const Rule& rule : all_rules())
    for (const AccountRole shared : {AccountRole::kNone, AccountRole::kCollaborator, AccountRole::kOwner})
      for (std::size_t i = 1; i < kRoles.size(); ++i)
        if (judge(rule, kRoles[i], effective(kRoles[i], shared)) == Refusal::kNone)
          EXPECT_EQ(judge(rule, kRoles[i - 1], effective(kRoles[i - 1], shared)), Refusal::kNone)
              << rule.operation << " " << role_name(kRoles[i]);
}

TEST(Roles, WhatHandsOutCodesOrSecretsIsRecordedAndAsksMoreThanACollaboratorForSecrets) {
  for (const Operation& operation : all_operations()) {
    const Rule* rule = find_rule(operation.name);
    ASSERT_NE(rule, nullptr) << operation.name;
    const bool gives = operation.scope == Scope::kCodes || operation.scope == Scope::kSecrets ||
                       operation.answer == Operation::Answer::kSecret;
    if (gives) EXPECT_NE(rule->audited, Audited::kNo) << operation.name;
    if (operation.scope != Scope::kRead && operation.verb != Verb::kGet && operation.exposed() &&
        operation.name != "audit.verify")
      EXPECT_NE(rule->audited, Audited::kNo) << operation.name << " changes something";
  }
  for (const char* sensitive : {"factor.export", "run.disable", "recovery_codes.show"}) {
    EXPECT_EQ(find_rule(sensitive)->proof, Proof::kRecent) << sensitive;
    EXPECT_EQ(find_rule(sensitive)->account, AccountRole::kOwner) << sensitive;
  }
}

TEST(Roles, MembersAreManagedFromAbove) {
  EXPECT_TRUE(may_manage(Role::kOwner, Role::kOwner));
  EXPECT_TRUE(may_manage(Role::kSuperAdmin, Role::kAdmin));
  EXPECT_FALSE(may_manage(Role::kSuperAdmin, Role::kSuperAdmin));
  EXPECT_FALSE(may_manage(Role::kAdmin, Role::kOwner));
  EXPECT_FALSE(may_manage(Role::kUser, Role::kGuest));
}

TEST(Roles, TheirPageIsWrittenFromTheTable) {
  const std::filesystem::path path = std::filesystem::path(TOTPILOT_SOURCE_DIR) / "docs" / "roles.md";
  if (std::getenv("TOTPILOT_UPDATE") != nullptr) std::ofstream(path) << roles_page();
  EXPECT_EQ(read_file(path, 1 << 20), roles_page()) << "TOTPILOT_UPDATE=1 services_test writes it anew";
}

}  // namespace
}  // namespace totpilot::services
