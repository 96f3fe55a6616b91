#pragma once
// How results look to people, where several commands show the same.
#include <optional>
#include <string>

#include "agent/base/clock.h"
#include "agent/cli/output.h"
#include "agent/services/runs.h"

namespace totpilot::cli {

/// "name: value" lines, the names padded to one width; an empty value is left out.
void show_fields(Output& out, const std::vector<std::pair<std::string, std::string>>& fields);

/// "2026-11-24 10:15 UTC"; "-" for none.
std::string day_and_time(const std::optional<TimePoint>& time);
std::string joined(const std::vector<std::string>& list, std::string_view between);

/// "the app's clock is 3.2 s ahead of ours"; empty when it was not measured or within a second.
std::string skew_remark(const std::optional<std::chrono::milliseconds>& skew);

}  // namespace totpilot::cli
