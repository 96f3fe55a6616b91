#pragma once
// The audit log for people: what was done, and whether it can be believed.
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/audit/verify.h"
#include "agent/base/async.h"
#include "agent/store/audit_records.h"

namespace totpilot::services {

class House;

struct ListAudit {
  std::string account;  // name or id
  std::string who;
  std::string act;  // "factor." for all that begin so
  std::string outcome;
  std::string since;  // a span before now: "24h", "30d"; empty: from the beginning
  int limit = 100;
};
/// audit.list, newest first.
task<std::vector<store::AuditRow>> list_audit(House& house, ListAudit request);
nlohmann::ordered_json to_json(const store::AuditRow& row);

/// audit.verify: the answer is a value also when a chain is broken.
task<audit::Verdict> verify_audit(House& house);
nlohmann::ordered_json to_json(const audit::Verdict& verdict);

}  // namespace totpilot::services
