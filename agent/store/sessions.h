#pragma once
// Sessions: what a login left, sealed.
#include <optional>
#include <vector>

#include "agent/store/rows.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

void insert_session(WriteTransaction& transaction, const SessionRow& session);
std::optional<SessionRow> find_session(ReadTransaction& transaction, const SessionId& id);
std::optional<SessionRow> latest_session(ReadTransaction& transaction, const AccountId& account);
/// All of an account but the newest `keep`; scrubs the log. Returns how many.
int delete_sessions(WriteTransaction& transaction, const AccountId& account, int keep);

}  // namespace totpilot::store
