#pragma once
// Audit records: appended, never changed. What their hashes mean is agent/audit's.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/clock.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

struct AuditRow {
  std::string writer;  // whose chain it is in
  std::int64_t sequence = 0;
  TimePoint at;
  std::string who;
  std::string act;
  std::string account;  // id; empty: none
  std::string object;   // id of what the act was about, or a word; empty: none
  std::string outcome;
  std::string detail;    // JSON without secrets
  std::string previous;  // the hash before it in the chain; empty: the first
  std::string hash;
};

/// What a list of records is narrowed to; empty: everything.
struct AuditFilter {
  std::string account;
  std::string who;
  std::string act;  // also the beginning of one, with a dot at its end: "factor."
  std::string outcome;
  std::optional<TimePoint> since;
  std::optional<TimePoint> until;
  int limit = 100;
};

void insert_audit_record(WriteTransaction& transaction, const AuditRow& row);
/// The newest of a chain.
std::optional<AuditRow> last_audit_record(ReadTransaction& transaction, std::string_view writer);
std::optional<AuditRow> find_audit_record(ReadTransaction& transaction, std::string_view writer, std::int64_t sequence);
std::vector<std::string> list_audit_writers(ReadTransaction& transaction);
/// At most `limit` of a chain after a sequence, in their order.
std::vector<AuditRow> list_audit_chain(ReadTransaction& transaction, std::string_view writer, std::int64_t after,
                                       int limit);
/// Newest first.
std::vector<AuditRow> list_audit_records(ReadTransaction& transaction, const AuditFilter& filter);

}  // namespace totpilot::store
