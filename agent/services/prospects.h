#pragma once
// Prospects: what a job of a kind would do for an account, told before it is submitted.
#include <string_view>
#include <vector>

#include "agent/services/rows.h"

namespace totpilot::services {

enum class Prospect {
  kRuns,
  kAlreadyOn,   // enroll: a factor is in use
  kUnsettled,   // enroll: an interrupted enrollment is to be recovered first, or a candidate confirmed
  kNoPlaybook,  // done by hand
  kNoPassword,
};
/// "already_on"; for kRuns the kind itself.
std::string_view prospect_name(Prospect prospect, std::string_view kind);

/// May jobs of this kind be made by a schedule or a campaign? Those that take MFA away, or show a secret, are a
/// person's to ask for. invalid_input otherwise.
void require_plannable(std::string_view kind);

/// Of an account whose `app` names a playbook that there is.
Prospect prospect_of(store::ReadTransaction& transaction, const store::AccountRow& account, std::string_view kind);

/// Those with the tag; with an empty tag, those listed by id that there still are.
std::vector<store::AccountRow> accounts_named(store::ReadTransaction& transaction, std::string_view tag,
                                              const std::vector<std::string>& ids);

}  // namespace totpilot::services
