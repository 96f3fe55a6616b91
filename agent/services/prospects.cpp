#include "agent/services/prospects.h"

#include <algorithm>
#include <array>

#include "agent/base/failure.h"

namespace totpilot::services {
namespace {

constexpr std::array<std::string_view, 3> kPlannable = {"check", "enroll", "login"};

Prospect prospect_to_enroll(store::ReadTransaction& transaction, const store::AccountRow& account) {
  if (!open_enrollment(transaction, account.id).empty()) return Prospect::kUnsettled;
  switch (standing_of(transaction, account.id)) {
    case Standing::kInUse:
      return Prospect::kAlreadyOn;
    case Standing::kCandidate:
      return Prospect::kUnsettled;
    case Standing::kNone:
      break;
  }
  return Prospect::kRuns;
}

}  // namespace

std::string_view prospect_name(Prospect prospect, std::string_view kind) {
  switch (prospect) {
    case Prospect::kRuns:
      return kind;
    case Prospect::kAlreadyOn:
      return "already_on";
    case Prospect::kUnsettled:
      return "unsettled";
    case Prospect::kNoPlaybook:
      return "no_playbook";
    case Prospect::kNoPassword:
      return "no_password";
  }
  return kind;
}

void require_plannable(std::string_view kind) {
  if (std::ranges::find(kPlannable, kind) == kPlannable.end())
    throw Failure(Outcome::kInvalidInput, "kind: this is not done by a plan", "one of check, enroll, login");
}

Prospect prospect_of(store::ReadTransaction& transaction, const store::AccountRow& account, std::string_view kind) {
  if (kind == "enroll") {
    if (const Prospect standing = prospect_to_enroll(transaction, account); standing != Prospect::kRuns)
      return standing;
  }
  if (account.app.empty()) return Prospect::kNoPlaybook;
  const bool password =
      !account.sealed_password.empty() || !account.password_file.empty() || !account.password_command.empty();
  return password ? Prospect::kRuns : Prospect::kNoPassword;
}

std::vector<store::AccountRow> accounts_named(store::ReadTransaction& transaction, std::string_view tag,
                                              const std::vector<std::string>& ids) {
  std::vector<store::AccountRow> accounts;
  if (!tag.empty()) {
    for (auto& account : store::list_accounts(transaction))
      if (std::ranges::find(account.tags, tag) != account.tags.end()) accounts.push_back(std::move(account));
    return accounts;
  }
  for (const std::string& id : ids)
    if (auto account = store::find_account(transaction, AccountId::from(id))) accounts.push_back(*std::move(account));
  return accounts;
}

}  // namespace totpilot::services
