#pragma once
// Members, their recovery codes and sessions, and the attempts to sign in that throttling counts.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/store/people_rows.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

/// Throws already_exists when the name is taken.
void insert_member(WriteTransaction& transaction, const MemberRow& member);
/// All columns but id and created. Throws not_found, already_exists.
void update_member(WriteTransaction& transaction, const MemberRow& member);
/// With sessions, tokens and shares.
bool delete_member(WriteTransaction& transaction, const MemberId& id);
std::optional<MemberRow> find_member(ReadTransaction& transaction, const MemberId& id);
/// By name or id. Throws not_found.
MemberRow require_member(ReadTransaction& transaction, std::string_view name_or_id);
std::optional<MemberRow> find_member_by_name(ReadTransaction& transaction, std::string_view name);
std::vector<MemberRow> list_members(ReadTransaction& transaction);
/// Moves the mark of used windows; false when it was at `window` or beyond: the code was taken already.
bool take_member_window(WriteTransaction& transaction, const MemberId& member, std::int64_t window);

/// In the place of all that were there.
void replace_member_codes(WriteTransaction& transaction, const MemberId& member, const std::vector<std::string>& hashes,
                          TimePoint at);
/// False when there is no such unused code.
bool use_member_code(WriteTransaction& transaction, const MemberId& member, std::string_view hash, TimePoint at);
int count_member_codes(ReadTransaction& transaction, const MemberId& member);

void insert_member_session(WriteTransaction& transaction, const MemberSessionRow& session);
std::optional<MemberSessionRow> find_member_session(ReadTransaction& transaction, std::string_view hash);
void touch_member_session(WriteTransaction& transaction, const MemberSessionId& id, TimePoint seen);
void prove_member_session(WriteTransaction& transaction, const MemberSessionId& id, TimePoint proven);
bool delete_member_session(WriteTransaction& transaction, const MemberSessionId& id);
int delete_member_sessions(WriteTransaction& transaction, const MemberId& member);
/// Those that are over.
int delete_dead_member_sessions(WriteTransaction& transaction, TimePoint now, TimePoint idle_since);

void insert_sign_in_attempt(WriteTransaction& transaction, std::string_view who, TimePoint at);
/// When those of `who` since then were made, newest first.
std::vector<TimePoint> list_sign_in_attempts(ReadTransaction& transaction, std::string_view who, TimePoint since);
void delete_sign_in_attempts(WriteTransaction& transaction, std::string_view who);
int delete_old_sign_in_attempts(WriteTransaction& transaction, TimePoint before);

}  // namespace totpilot::store
