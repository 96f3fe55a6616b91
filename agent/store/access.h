#pragma once
// Who may come in and to what: tokens, teams, shares, invites, approvals.
#include <optional>
#include <string_view>
#include <vector>

#include "agent/store/people_rows.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

/// Throws already_exists when a valid one has the name.
void insert_token(WriteTransaction& transaction, const TokenRow& token);
std::optional<TokenRow> find_token_by_hash(ReadTransaction& transaction, std::string_view hash);
/// By name (one that is not revoked) or id. Throws not_found.
TokenRow require_token(ReadTransaction& transaction, std::string_view name_or_id);
std::vector<TokenRow> list_tokens(ReadTransaction& transaction);
void mark_token_used(WriteTransaction& transaction, const TokenId& id, TimePoint at);
/// False when it was revoked already.
bool revoke_token(WriteTransaction& transaction, const TokenId& id, TimePoint at);

void insert_team(WriteTransaction& transaction, const TeamRow& team);
bool delete_team(WriteTransaction& transaction, const TeamId& id);
std::optional<TeamRow> find_team(ReadTransaction& transaction, const TeamId& id);
/// By name or id. Throws not_found.
TeamRow require_team(ReadTransaction& transaction, std::string_view name_or_id);
std::vector<TeamRow> list_teams(ReadTransaction& transaction);
void add_team_member(WriteTransaction& transaction, const TeamId& team, const MemberId& member);
bool remove_team_member(WriteTransaction& transaction, const TeamId& team, const MemberId& member);
std::vector<MemberId> list_team_members(ReadTransaction& transaction, const TeamId& team);

/// In the place of an earlier one for the same account and the same member or team.
void put_share(WriteTransaction& transaction, const ShareRow& share);
bool delete_share(WriteTransaction& transaction, const ShareId& id);
std::optional<ShareRow> find_share(ReadTransaction& transaction, const ShareId& id);
/// Of one account, or all for an empty id; also those that have ended.
std::vector<ShareRow> list_shares(ReadTransaction& transaction, const AccountId& account);
/// Those that give `member` something at `now`, by name or by a team.
std::vector<ShareRow> list_shares_of_member(ReadTransaction& transaction, const MemberId& member, TimePoint now);

void insert_invite(WriteTransaction& transaction, const InviteRow& invite);
std::optional<InviteRow> find_invite(ReadTransaction& transaction, std::string_view hash);
std::vector<InviteRow> list_invites(ReadTransaction& transaction);
/// False when it was used already.
bool use_invite(WriteTransaction& transaction, const InviteId& id, TimePoint at);

void insert_approval(WriteTransaction& transaction, const ApprovalRow& approval);
std::optional<ApprovalRow> find_approval(ReadTransaction& transaction, const ApprovalId& id);
/// The newest for this act by the same asker that is neither used nor over.
std::optional<ApprovalRow> find_open_approval(ReadTransaction& transaction, const ApprovalRow& wanted, TimePoint now);
std::vector<ApprovalRow> list_open_approvals(ReadTransaction& transaction, TimePoint now);
/// False when it was granted already, or is over.
bool grant_approval(WriteTransaction& transaction, const ApprovalId& id, std::string_view by, TimePoint at);
/// False unless it is granted and not used.
bool use_approval(WriteTransaction& transaction, const ApprovalId& id, TimePoint at);

}  // namespace totpilot::store
