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
  constexpr std::array kTables = {"accounts",   "factors",       "recovery_codes", "enrollments", "enrollment_events",
                                  "jobs",       "windows",       "attempts",       "sessions",    "vault_slots",
                                  "vault_keys", "members",       "tokens",         "teams",       "shares",
                                  "invites",    "audit_records", "schedules",      "campaigns"};
  std::vector<TableCount> counts;
  counts.reserve(kTables.size());
  for (const char* table : kTables)
    counts.push_back({table, Query(transaction, std::string("SELECT count(*) FROM ") + table).count()});
  return counts;
}

std::optional<TimePoint> newest_change(ReadTransaction& transaction) {
  return Query(transaction,
               "SELECT max(at) FROM (SELECT max(updated) AS at FROM accounts UNION ALL"
               " SELECT max(max(created, coalesce(confirmed, 0), coalesce(proven, 0))) FROM factors UNION ALL"
               " SELECT max(max(created, coalesce(used, 0))) FROM recovery_codes UNION ALL"
               " SELECT max(updated) FROM enrollments UNION ALL SELECT max(created) FROM sessions UNION ALL"
               " SELECT max(created) FROM jobs)")
      .first([](Row& row) { return row.maybe_time(); })
      .value_or(std::nullopt);
}

}  // namespace totpilot::store
