#pragma once
// Factors: every TOTP secret that was ever captured or imported. Rows are added and change state; only a person deletes
// one.
#include <optional>
#include <string_view>
#include <vector>

#include "agent/store/rows.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

void insert_factor(WriteTransaction& transaction, const FactorRow& factor);
/// Sets the state if it is still `from`; kConfirmed and kLive also stamp `confirmed` and `proven`. False when it is
/// not.
bool set_factor_state(WriteTransaction& transaction, const FactorId& id, FactorState from, FactorState to,
                      TimePoint at);
/// The switch of the live secret: this candidate or confirmed factor becomes live and every other live or confirmed one
/// of its account superseded. False, and nothing is changed, when it is neither candidate, confirmed, live nor
/// superseded.
bool make_factor_live(WriteTransaction& transaction, const FactorId& id, TimePoint at);
/// A person's decision (after retention); scrubs the log. False when there was none.
bool delete_factor(WriteTransaction& transaction, const FactorId& id);

std::optional<FactorRow> find_factor(ReadTransaction& transaction, const FactorId& id);
/// Newest first.
std::vector<FactorRow> list_factors(ReadTransaction& transaction, const AccountId& account);
/// The factor that codes are handed out from: the live one, else the newest confirmed one.
std::optional<FactorRow> find_usable_factor(ReadTransaction& transaction, const AccountId& account);
/// Of any account, newest first.
std::vector<FactorRow> find_factors_by_fingerprint(ReadTransaction& transaction, std::string_view fingerprint);

}  // namespace totpilot::store
