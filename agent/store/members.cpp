#include "agent/store/members.h"

#include <fmt/format.h>

#include "agent/store/query.h"

namespace totpilot::store {
namespace {

constexpr std::string_view kSelectMembers =
    "SELECT id, name, role, password_hash, password_salt, password_parameters, sealed_totp, totp_on, last_window, "
    "disabled, created, updated, signed_in FROM members ";

MemberRow read_member(Row& row) {
  MemberRow member;
  member.id = row.id<MemberId>();
  member.name = row.text();
  member.role = row.text();
  member.password_hash = row.text();
  member.password_salt = row.text();
  member.password_parameters = row.text();
  member.sealed_totp = row.text();
  member.totp_on = row.flag();
  member.last_window = row.integer();
  member.disabled = row.flag();
  member.created = row.time();
  member.updated = row.time();
  member.signed_in = row.maybe_time();
  return member;
}

MemberSessionRow read_member_session(Row& row) {
  MemberSessionRow session;
  session.id = row.id<MemberSessionId>();
  session.member = row.id<MemberId>();
  session.hash = row.text();
  session.created = row.time();
  session.seen = row.time();
  session.expires = row.time();
  session.proven = row.time();
  return session;
}

void bind_member(Query& query, const MemberRow& member) {
  query.with(member.name).with(member.role).with(member.password_hash).with(member.password_salt);
  query.with(member.password_parameters).with(member.sealed_totp).with(member.totp_on).with(member.last_window);
  query.with(member.disabled).with(member.updated).with(member.signed_in);
}

Failure member_name_taken(const std::string& name) {
  return Failure(Outcome::kAlreadyExists, fmt::format("there is a member {} already", name));
}

}  // namespace

void insert_member(WriteTransaction& transaction, const MemberRow& member) {
  Query insert(transaction,
               "INSERT INTO members (name, role, password_hash, password_salt, password_parameters, sealed_totp, "
               "totp_on, last_window, disabled, updated, signed_in, id, created) VALUES (:a, :b, :c, :d, :e, :f, :g, "
               ":h, :i, :j, :k, :l, :m) ON CONFLICT DO NOTHING");
  bind_member(insert, member);
  insert.with(member.id).with(member.created);
  if (insert.run() == 0) throw member_name_taken(member.name);
}

void update_member(WriteTransaction& transaction, const MemberRow& member) {
  const auto namesake = find_member_by_name(transaction, member.name);
  if (namesake && namesake->id != member.id) throw member_name_taken(member.name);
  const auto before = find_member(transaction, member.id);
  if (before && before->sealed_totp != member.sealed_totp) transaction.scrub_after_commit();
  Query update(transaction,
               "UPDATE members SET name = :a, role = :b, password_hash = :c, password_salt = :d, password_parameters = "
               ":e, sealed_totp = :f, totp_on = :g, last_window = :h, disabled = :i, updated = :j, signed_in = :k "
               "WHERE id = :l");
  bind_member(update, member);
  if (update.with(member.id).run() == 0)
    throw Failure(Outcome::kNotFound, fmt::format("there is no member {}", member.name));
}

bool delete_member(WriteTransaction& transaction, const MemberId& id) {
  transaction.scrub_after_commit();
  return Query(transaction, "DELETE FROM members WHERE id = :a").with(id).run() > 0;
}

std::optional<MemberRow> find_member(ReadTransaction& transaction, const MemberId& id) {
  return Query(transaction, std::string(kSelectMembers) + "WHERE id = :a").with(id).first(read_member);
}

std::optional<MemberRow> find_member_by_name(ReadTransaction& transaction, std::string_view name) {
  return Query(transaction, std::string(kSelectMembers) + "WHERE name = :a").with(name).first(read_member);
}

MemberRow require_member(ReadTransaction& transaction, std::string_view name_or_id) {
  if (auto found = find_member_by_name(transaction, name_or_id)) return *found;
  if (auto found = find_member(transaction, MemberId::from(std::string(name_or_id)))) return *found;
  throw Failure(Outcome::kNotFound, fmt::format("there is no member {}", name_or_id), "totpilot member list");
}

std::vector<MemberRow> list_members(ReadTransaction& transaction) {
  return Query(transaction, std::string(kSelectMembers) + "ORDER BY name").all(read_member);
}

bool take_member_window(WriteTransaction& transaction, const MemberId& member, std::int64_t window) {
  return Query(transaction, "UPDATE members SET last_window = :a WHERE id = :b AND last_window < :c")
             .with(window)
             .with(member)
             .with(window)
             .run() > 0;
}

void replace_member_codes(WriteTransaction& transaction, const MemberId& member, const std::vector<std::string>& hashes,
                          TimePoint at) {
  Query(transaction, "DELETE FROM member_codes WHERE member = :a").with(member).run();
  for (const std::string& hash : hashes)
    Query(transaction, "INSERT INTO member_codes (member, hash, created) VALUES (:a, :b, :c)")
        .with(member)
        .with(hash)
        .with(at)
        .run();
}

bool use_member_code(WriteTransaction& transaction, const MemberId& member, std::string_view hash, TimePoint at) {
  Query use(transaction, "UPDATE member_codes SET used = :a WHERE member = :b AND hash = :c AND used IS NULL");
  return use.with(at).with(member).with(hash).run() > 0;
}

int count_member_codes(ReadTransaction& transaction, const MemberId& member) {
  return static_cast<int>(
      Query(transaction, "SELECT count(*) FROM member_codes WHERE member = :a AND used IS NULL").with(member).count());
}

void insert_member_session(WriteTransaction& transaction, const MemberSessionRow& session) {
  Query insert(transaction,
               "INSERT INTO member_sessions (id, member, hash, created, seen, expires, proven) VALUES (:a, :b, :c, "
               ":d, :e, :f, :g)");
  insert.with(session.id).with(session.member).with(session.hash).with(session.created).with(session.seen);
  insert.with(session.expires).with(session.proven).run();
}

std::optional<MemberSessionRow> find_member_session(ReadTransaction& transaction, std::string_view hash) {
  return Query(transaction,
               "SELECT id, member, hash, created, seen, expires, proven FROM member_sessions WHERE hash = :a")
      .with(hash)
      .first(read_member_session);
}

void touch_member_session(WriteTransaction& transaction, const MemberSessionId& id, TimePoint seen) {
  Query(transaction, "UPDATE member_sessions SET seen = :a WHERE id = :b").with(seen).with(id).run();
}

void prove_member_session(WriteTransaction& transaction, const MemberSessionId& id, TimePoint proven) {
  Query(transaction, "UPDATE member_sessions SET proven = :a WHERE id = :b").with(proven).with(id).run();
}

bool delete_member_session(WriteTransaction& transaction, const MemberSessionId& id) {
  return Query(transaction, "DELETE FROM member_sessions WHERE id = :a").with(id).run() > 0;
}

int delete_member_sessions(WriteTransaction& transaction, const MemberId& member) {
  return static_cast<int>(Query(transaction, "DELETE FROM member_sessions WHERE member = :a").with(member).run());
}

int delete_dead_member_sessions(WriteTransaction& transaction, TimePoint now, TimePoint idle_since) {
  return static_cast<int>(Query(transaction, "DELETE FROM member_sessions WHERE expires <= :a OR seen <= :b")
                              .with(now)
                              .with(idle_since)
                              .run());
}

void insert_sign_in_attempt(WriteTransaction& transaction, std::string_view who, TimePoint at) {
  Query(transaction, "INSERT INTO sign_in_attempts (who, at) VALUES (:a, :b)").with(who).with(at).run();
}

std::vector<TimePoint> list_sign_in_attempts(ReadTransaction& transaction, std::string_view who, TimePoint since) {
  return Query(transaction, "SELECT at FROM sign_in_attempts WHERE who = :a AND at > :b ORDER BY at DESC")
      .with(who)
      .with(since)
      .all([](Row& row) { return row.time(); });
}

void delete_sign_in_attempts(WriteTransaction& transaction, std::string_view who) {
  Query(transaction, "DELETE FROM sign_in_attempts WHERE who = :a").with(who).run();
}

int delete_old_sign_in_attempts(WriteTransaction& transaction, TimePoint before) {
  return static_cast<int>(Query(transaction, "DELETE FROM sign_in_attempts WHERE at <= :a").with(before).run());
}

}  // namespace totpilot::store
