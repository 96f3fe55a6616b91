#pragma once
// Attempts: wrong passwords and codes that we sent, counted so that we never lock an account.
#include "agent/store/rows.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

void insert_attempt(WriteTransaction& transaction, const AttemptRow& attempt);
/// A success ends the count: forgets the account's attempts of this kind.
void clear_attempts(WriteTransaction& transaction, const AccountId& account, AttemptKind kind);
int count_attempts(ReadTransaction& transaction, const AccountId& account, AttemptKind kind, TimePoint since);
int prune_attempts(WriteTransaction& transaction, TimePoint before);

}  // namespace totpilot::store
