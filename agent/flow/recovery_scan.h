#pragma once
// RecoveryScan: finds the list of recovery codes among the texts of a page, and takes nothing else for one. Pure;
// nothing it says holds a code.
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "agent/flow/page_text.h"

namespace totpilot::flow {

struct RecoveryRules {
  std::optional<int> count;            // exact; without it 2 to 40
  std::optional<std::string> pattern;  // see CodePattern; without it, by equal shapes
};

struct FoundCodes {
  std::vector<Secret> codes;  // in the page's order, white space folded to single spaces
  std::string where;
};

/// The list, or why there is none, in words. `totp_key` (raw bytes, may be null) is never taken for a code: some apps
/// show both in the same alphabet. playbook_invalid is thrown for a pattern that does not compile.
std::expected<FoundCodes, std::string> find_recovery_codes(const PageText& texts, const RecoveryRules& rules,
                                                           const Secret* totp_key);

}  // namespace totpilot::flow
