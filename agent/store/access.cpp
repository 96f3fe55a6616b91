#include "agent/store/access.h"

#include <fmt/format.h>

#include "agent/store/query.h"

namespace totpilot::store {
namespace {

constexpr std::string_view kSelectTokens =
    "SELECT id, name, member, hash, scopes, created, created_by, expires, used, revoked FROM tokens ";
constexpr std::string_view kSelectTeams = "SELECT id, name, created FROM teams ";
constexpr std::string_view kSelectShares =
    "SELECT id, account, member, team, role, password, created, created_by, expires FROM shares ";
constexpr std::string_view kSelectInvites =
    "SELECT id, hash, name, role, created, created_by, expires, used FROM invites ";

TokenRow read_token(Row& row) {
  TokenRow token;
  token.id = row.id<TokenId>();
  token.name = row.text();
  token.member = row.id<MemberId>();
  token.hash = row.text();
  token.scopes = row.texts();
  token.created = row.time();
  token.created_by = row.text();
  token.expires = row.maybe_time();
  token.used = row.maybe_time();
  token.revoked = row.maybe_time();
  return token;
}

TeamRow read_team(Row& row) {
  TeamRow team;
  team.id = row.id<TeamId>();
  team.name = row.text();
  team.created = row.time();
  return team;
}

ShareRow read_share(Row& row) {
  ShareRow share;
  share.id = row.id<ShareId>();
  share.account = row.id<AccountId>();
  share.member = row.id<MemberId>();
  share.team = row.id<TeamId>();
  share.role = row.text();
  share.password = row.flag();
  share.created = row.time();
  share.created_by = row.text();
  share.expires = row.maybe_time();
  return share;
}

InviteRow read_invite(Row& row) {
  InviteRow invite;
  invite.id = row.id<InviteId>();
  invite.hash = row.text();
  invite.name = row.text();
  invite.role = row.text();
  invite.created = row.time();
  invite.created_by = row.text();
  invite.expires = row.time();
  invite.used = row.maybe_time();
  return invite;
}

}  // namespace

void insert_token(WriteTransaction& transaction, const TokenRow& token) {
  Query insert(transaction,
               "INSERT INTO tokens (id, name, member, hash, scopes, created, created_by, expires) VALUES (:a, :b, "
               "NULLIF(:c, ''), :d, :e, :f, :g, :h) ON CONFLICT DO NOTHING");
  insert.with(token.id).with(token.name).with(token.member).with(token.hash).with(token.scopes).with(token.created);
  if (insert.with(token.created_by).with(token.expires).run() == 0)
    throw Failure(Outcome::kAlreadyExists, fmt::format("there is a token {} already", token.name),
                  fmt::format("revoke it (totpilot token revoke {}), or choose another name", token.name));
}

std::optional<TokenRow> find_token_by_hash(ReadTransaction& transaction, std::string_view hash) {
  return Query(transaction, std::string(kSelectTokens) + "WHERE hash = :a").with(hash).first(read_token);
}

TokenRow require_token(ReadTransaction& transaction, std::string_view name_or_id) {
  auto found = Query(transaction, std::string(kSelectTokens) + "WHERE id = :a OR (name = :b AND revoked IS NULL)")
                   .with(name_or_id)
                   .with(name_or_id)
                   .first(read_token);
  if (!found) throw Failure(Outcome::kNotFound, fmt::format("there is no token {}", name_or_id), "totpilot token list");
  return *found;
}

std::vector<TokenRow> list_tokens(ReadTransaction& transaction) {
  return Query(transaction, std::string(kSelectTokens) + "ORDER BY name, created").all(read_token);
}

void mark_token_used(WriteTransaction& transaction, const TokenId& id, TimePoint at) {
  Query(transaction, "UPDATE tokens SET used = :a WHERE id = :b").with(at).with(id).run();
}

bool revoke_token(WriteTransaction& transaction, const TokenId& id, TimePoint at) {
  Query revoke(transaction, "UPDATE tokens SET revoked = :a WHERE id = :b AND revoked IS NULL");
  return revoke.with(at).with(id).run() > 0;
}

void insert_team(WriteTransaction& transaction, const TeamRow& team) {
  Query insert(transaction, "INSERT INTO teams (id, name, created) VALUES (:a, :b, :c) ON CONFLICT DO NOTHING");
  if (insert.with(team.id).with(team.name).with(team.created).run() == 0)
    throw Failure(Outcome::kAlreadyExists, fmt::format("there is a team {} already", team.name));
}

bool delete_team(WriteTransaction& transaction, const TeamId& id) {
  return Query(transaction, "DELETE FROM teams WHERE id = :a").with(id).run() > 0;
}

std::optional<TeamRow> find_team(ReadTransaction& transaction, const TeamId& id) {
  return Query(transaction, std::string(kSelectTeams) + "WHERE id = :a").with(id).first(read_team);
}

TeamRow require_team(ReadTransaction& transaction, std::string_view name_or_id) {
  auto found = Query(transaction, std::string(kSelectTeams) + "WHERE name = :a OR id = :b")
                   .with(name_or_id)
                   .with(name_or_id)
                   .first(read_team);
  if (!found) throw Failure(Outcome::kNotFound, fmt::format("there is no team {}", name_or_id), "totpilot team list");
  return *found;
}

std::vector<TeamRow> list_teams(ReadTransaction& transaction) {
  return Query(transaction, std::string(kSelectTeams) + "ORDER BY name").all(read_team);
}

void add_team_member(WriteTransaction& transaction, const TeamId& team, const MemberId& member) {
  Query(transaction, "INSERT INTO team_members (team, member) VALUES (:a, :b) ON CONFLICT DO NOTHING")
      .with(team)
      .with(member)
      .run();
}

bool remove_team_member(WriteTransaction& transaction, const TeamId& team, const MemberId& member) {
  Query remove(transaction, "DELETE FROM team_members WHERE team = :a AND member = :b");
  return remove.with(team).with(member).run() > 0;
}

std::vector<MemberId> list_team_members(ReadTransaction& transaction, const TeamId& team) {
  return Query(transaction, "SELECT member FROM team_members WHERE team = :a ORDER BY member")
      .with(team)
      .all([](Row& row) { return row.id<MemberId>(); });
}

void put_share(WriteTransaction& transaction, const ShareRow& share) {
  Query(transaction, "DELETE FROM shares WHERE account = :a AND (member = :b OR team = :c)")
      .with(share.account)
      .with(share.member)
      .with(share.team)
      .run();
  Query insert(transaction,
               "INSERT INTO shares (id, account, member, team, role, password, created, created_by, expires) VALUES "
               "(:a, :b, NULLIF(:c, ''), NULLIF(:d, ''), :e, :f, :g, :h, :i)");
  insert.with(share.id).with(share.account).with(share.member).with(share.team).with(share.role).with(share.password);
  insert.with(share.created).with(share.created_by).with(share.expires).run();
}

bool delete_share(WriteTransaction& transaction, const ShareId& id) {
  return Query(transaction, "DELETE FROM shares WHERE id = :a").with(id).run() > 0;
}

std::optional<ShareRow> find_share(ReadTransaction& transaction, const ShareId& id) {
  return Query(transaction, std::string(kSelectShares) + "WHERE id = :a").with(id).first(read_share);
}

std::vector<ShareRow> list_shares(ReadTransaction& transaction, const AccountId& account) {
  return Query(transaction, std::string(kSelectShares) + "WHERE :a = '' OR account = :b ORDER BY account, created, id")
      .with(account)
      .with(account)
      .all(read_share);
}

std::vector<ShareRow> list_shares_of_member(ReadTransaction& transaction, const MemberId& member, TimePoint now) {
  return Query(transaction, std::string(kSelectShares) +
                                "WHERE (expires IS NULL OR expires > :a) AND (member = :b OR team IN "
                                "(SELECT team FROM team_members WHERE member = :c)) ORDER BY account, id")
      .with(now)
      .with(member)
      .with(member)
      .all(read_share);
}

void insert_invite(WriteTransaction& transaction, const InviteRow& invite) {
  Query insert(transaction,
               "INSERT INTO invites (id, hash, name, role, created, created_by, expires) VALUES (:a, :b, :c, :d, :e, "
               ":f, :g)");
  insert.with(invite.id).with(invite.hash).with(invite.name).with(invite.role).with(invite.created);
  insert.with(invite.created_by).with(invite.expires).run();
}

std::optional<InviteRow> find_invite(ReadTransaction& transaction, std::string_view hash) {
  return Query(transaction, std::string(kSelectInvites) + "WHERE hash = :a").with(hash).first(read_invite);
}

std::vector<InviteRow> list_invites(ReadTransaction& transaction) {
  return Query(transaction, std::string(kSelectInvites) + "ORDER BY created, id").all(read_invite);
}

bool use_invite(WriteTransaction& transaction, const InviteId& id, TimePoint at) {
  Query use(transaction, "UPDATE invites SET used = :a WHERE id = :b AND used IS NULL");
  return use.with(at).with(id).run() > 0;
}

}  // namespace totpilot::store
