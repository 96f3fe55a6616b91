#include "agent/store/attempts.h"

#include "agent/store/query.h"
#include "agent/store/row_names.h"

namespace totpilot::store {

void insert_attempt(WriteTransaction& transaction, const AttemptRow& attempt) {
  Query insert(transaction, "INSERT INTO attempts (account, kind, by, at) VALUES (:a, :b, :c, :d)");
  insert.with(attempt.account).with(attempt_kind_name(attempt.kind)).with(attempt.by).with(attempt.at).run();
}

void clear_attempts(WriteTransaction& transaction, const AccountId& account, AttemptKind kind) {
  Query(transaction, "DELETE FROM attempts WHERE account = :a AND kind = :b")
      .with(account)
      .with(attempt_kind_name(kind))
      .run();
}

int count_attempts(ReadTransaction& transaction, const AccountId& account, AttemptKind kind, TimePoint since) {
  Query query(transaction, "SELECT count(*) FROM attempts WHERE account = :a AND kind = :b AND at >= :c");
  return static_cast<int>(query.with(account).with(attempt_kind_name(kind)).with(since).count());
}

int prune_attempts(WriteTransaction& transaction, TimePoint before) {
  return static_cast<int>(Query(transaction, "DELETE FROM attempts WHERE at < :a").with(before).run());
}

}  // namespace totpilot::store
