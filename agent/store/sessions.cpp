#include "agent/store/sessions.h"

#include "agent/store/query.h"

namespace totpilot::store {
namespace {

constexpr std::string_view kSelectSessions = "SELECT id, account, sealed_state, created FROM sessions ";

SessionRow read_session(Row& row) {
  SessionRow session;
  session.id = row.id<SessionId>();
  session.account = row.id<AccountId>();
  session.sealed_state = row.text();
  session.created = row.time();
  return session;
}

}  // namespace

void insert_session(WriteTransaction& transaction, const SessionRow& session) {
  Query insert(transaction, "INSERT INTO sessions (id, account, sealed_state, created) VALUES (:a, :b, :c, :d)");
  insert.with(session.id).with(session.account).with(session.sealed_state).with(session.created).run();
}

std::optional<SessionRow> find_session(ReadTransaction& transaction, const SessionId& id) {
  return Query(transaction, std::string(kSelectSessions) + "WHERE id = :a").with(id).first(read_session);
}

std::optional<SessionRow> latest_session(ReadTransaction& transaction, const AccountId& account) {
  return Query(transaction, std::string(kSelectSessions) + "WHERE account = :a ORDER BY created DESC, id DESC LIMIT 1")
      .with(account)
      .first(read_session);
}

int delete_sessions(WriteTransaction& transaction, const AccountId& account, int keep) {
  Query remove(transaction,
               "DELETE FROM sessions WHERE account = :a AND id NOT IN (SELECT id FROM sessions WHERE account = :b "
               "ORDER BY created DESC, id DESC LIMIT :c)");
  const auto removed = static_cast<int>(remove.with(account).with(account).with(keep).run());
  if (removed > 0) transaction.scrub_after_commit();
  return removed;
}

}  // namespace totpilot::store
