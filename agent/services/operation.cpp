#include "agent/services/operation.h"

#include <algorithm>
#include <vector>

namespace totpilot::services {

std::string_view scope_name(Scope scope) {
  using enum Scope;
  switch (scope) {
    case kRead:
      return "read";
    case kManage:
      return "manage";
    case kRun:
      return "run";
    case kCodes:
      return "codes";
    case kSecrets:
      return "secrets";
    case kVault:
      return "vault";
    case kPeople:
      return "people";
  }
  return "vault";
}

std::string_view verb_name(Verb verb) {
  using enum Verb;
  switch (verb) {
    case kGet:
      return "GET";
    case kPost:
      return "POST";
    case kPut:
      return "PUT";
    case kPatch:
      return "PATCH";
    case kDelete:
      return "DELETE";
  }
  return "POST";
}

std::span<const Operation> all_operations() {
  static const std::vector<Operation> all = [] {
    std::vector<Operation> rows;
    for (const auto& some : {account_operations(), campaign_operations(), code_operations(), factor_operations(),
                             people_operations(), playbook_operations(), queue_operations(), run_operations(),
                             schedule_operations(), session_operations(), vault_operations()})
      rows.insert(rows.end(), some.begin(), some.end());
    std::ranges::sort(rows, {}, &Operation::name);
    return rows;
  }();
  return all;
}

const Operation* find_operation(std::string_view name) {
  const auto all = all_operations();
  const auto row = std::ranges::lower_bound(all, name, {}, &Operation::name);
  return row != all.end() && row->name == name ? &*row : nullptr;
}

}  // namespace totpilot::services
