#include "agent/store/settings.h"

#include <array>

#include "agent/store/query.h"

namespace totpilot::store {

void set_setting(WriteTransaction& transaction, std::string_view name, std::string_view value) {
  Query(transaction,
        "INSERT INTO settings (name, value) VALUES (:a, :b) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
      .with(name)
      .with(value)
      .run();
}

std::optional<std::string> find_setting(ReadTransaction& transaction, std::string_view name) {
  return Query(transaction, "SELECT value FROM settings WHERE name = :a").with(name).first([](Row& row) {
    return row.text();
  });
}

std::vector<TableCount> count_rows(ReadTransaction& transaction) {
  constexpr std::array kTables = {"accounts", "factors",  "recovery_codes", "enrollments", "enrollment_events", "jobs",
                                  "windows",  "attempts", "sessions",       "vault_slots", "vault_keys"};
  std::vector<TableCount> counts;
  for (const char* table : kTables)
    counts.push_back({table, Query(transaction, std::string("SELECT count(*) FROM ") + table).count()});
  return counts;
}

}  // namespace totpilot::store
