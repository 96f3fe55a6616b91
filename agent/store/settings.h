#pragma once
// Settings: small facts about this state directory, by name. Never a secret.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/clock.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

void set_setting(WriteTransaction& transaction, std::string_view name, std::string_view value);
std::optional<std::string> find_setting(ReadTransaction& transaction, std::string_view name);

/// How many rows each table of persons' data holds, by the table's name: compared after a restore.
struct TableCount {
  std::string table;
  std::int64_t rows = 0;
  bool operator==(const TableCount&) const = default;
};
std::vector<TableCount> count_rows(ReadTransaction& transaction);

/// When anything of the accounts was last changed or used; nothing where there is none.
std::optional<TimePoint> newest_change(ReadTransaction& transaction);

}  // namespace totpilot::store
