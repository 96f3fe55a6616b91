#pragma once
// Approvals: what two people are needed for. The first asks by trying; another owner or super admin grants it within an
// hour; the first tries again, once.
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "agent/services/caller.h"

namespace totpilot::services {

class House;

struct ApprovalView {
  ApprovalId id;
  std::string act;
  std::string account;  // its name
  std::string object;
  std::string asked_by;
  TimePoint asked;
  TimePoint expires;
  std::string granted_by;
};
nlohmann::ordered_json to_json(const ApprovalView& approval);

/// Uses up a granted approval of this act. Where there is none it is asked for: approval_required names it.
task<void> use_approval(House& house, const Caller& caller, std::string act, std::string account, std::string object);

task<std::vector<ApprovalView>> list_approvals(House& house);
/// approval.grant: forbidden for the one who asked; not_found when it is unknown, granted or over.
task<ApprovalView> grant_approval(House& house, const Caller& caller, std::string approval);

}  // namespace totpilot::services
