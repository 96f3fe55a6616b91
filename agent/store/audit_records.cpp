#include "agent/store/audit_records.h"

#include <fmt/format.h>

#include "agent/store/query.h"

namespace totpilot::store {
namespace {

constexpr std::string_view kSelectAudit =
    "SELECT writer, sequence, at, who, act, account, object, outcome, detail, previous, hash FROM audit_records ";

AuditRow read_audit(Row& row) {
  AuditRow record;
  record.writer = row.text();
  record.sequence = row.integer();
  record.at = row.time();
  record.who = row.text();
  record.act = row.text();
  record.account = row.text();
  record.object = row.text();
  record.outcome = row.text();
  record.detail = row.text();
  record.previous = row.text();
  record.hash = row.text();
  return record;
}

}  // namespace

void insert_audit_record(WriteTransaction& transaction, const AuditRow& row) {
  Query insert(transaction,
               "INSERT INTO audit_records (writer, sequence, at, who, act, account, object, outcome, detail, previous, "
               "hash) VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k)");
  insert.with(row.writer).with(row.sequence).with(row.at).with(row.who).with(row.act).with(row.account);
  insert.with(row.object).with(row.outcome).with(row.detail).with(row.previous).with(row.hash).run();
}

std::optional<AuditRow> last_audit_record(ReadTransaction& transaction, std::string_view writer) {
  return Query(transaction, std::string(kSelectAudit) + "WHERE writer = :a ORDER BY sequence DESC LIMIT 1")
      .with(writer)
      .first(read_audit);
}

std::optional<AuditRow> find_audit_record(ReadTransaction& transaction, std::string_view writer,
                                          std::int64_t sequence) {
  return Query(transaction, std::string(kSelectAudit) + "WHERE writer = :a AND sequence = :b")
      .with(writer)
      .with(sequence)
      .first(read_audit);
}

std::vector<std::string> list_audit_writers(ReadTransaction& transaction) {
  return Query(transaction, "SELECT DISTINCT writer FROM audit_records ORDER BY writer").all([](Row& row) {
    return row.text();
  });
}

std::vector<AuditRow> list_audit_chain(ReadTransaction& transaction, std::string_view writer, std::int64_t after,
                                       int limit) {
  return Query(transaction,
               std::string(kSelectAudit) + "WHERE writer = :a AND sequence > :b ORDER BY sequence LIMIT :c")
      .with(writer)
      .with(after)
      .with(limit)
      .all(read_audit);
}

std::vector<AuditRow> list_audit_records(ReadTransaction& transaction, const AuditFilter& filter) {
  std::string sql = std::string(kSelectAudit) + "WHERE 1 = 1";
  if (!filter.account.empty()) sql += " AND account = :account";
  if (!filter.who.empty()) sql += " AND who = :who";
  if (!filter.act.empty()) sql += filter.act.ends_with('.') ? " AND act GLOB :act" : " AND act = :act";
  if (!filter.outcome.empty()) sql += " AND outcome = :outcome";
  if (filter.since) sql += " AND at >= :since";
  if (filter.until) sql += " AND at < :until";
  Query query(transaction, sql + " ORDER BY at DESC, writer, sequence DESC LIMIT :most");
  if (!filter.account.empty()) query.with(filter.account);
  if (!filter.who.empty()) query.with(filter.who);
  // Acts are words of ours, without GLOB's own signs; what a caller adds of those finds nothing.
  if (!filter.act.empty()) query.with(filter.act.ends_with('.') ? filter.act + "*" : filter.act);
  if (!filter.outcome.empty()) query.with(filter.outcome);
  if (filter.since) query.with(*filter.since);
  if (filter.until) query.with(*filter.until);
  return query.with(filter.limit).all(read_audit);
}

}  // namespace totpilot::store
