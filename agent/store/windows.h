#pragma once
// The window ledger: which time steps of an account were shown, reserved or spent, in the app's time, so that no code
// is used twice, also across replaced factors. Unique by (account, window start).
#include <limits>
#include <optional>
#include <vector>

#include "agent/store/rows.h"
#include "agent/store/transaction.h"

namespace totpilot::store {

/// Enters a window that is not in the ledger. False, and nothing is changed, when it is.
bool insert_window(WriteTransaction& transaction, const WindowRow& window);
/// Raises the use of a window from exactly `from` to the row's (shown to reserved, reserved to spent, ...). False when
/// it is not there with that use, or when the row's use is not higher.
bool raise_window(WriteTransaction& transaction, WindowUse from, const WindowRow& window);
/// Gives back a reservation that its holder never used. False when it is not reserved by `by`.
bool release_window(WriteTransaction& transaction, const AccountId& account, std::int64_t window_start_ms,
                    std::string_view by);
/// Forgets windows that began before `before_ms`, but never the latest spent one of an account. Returns how many.
int prune_windows(WriteTransaction& transaction, std::int64_t before_ms);

std::optional<WindowRow> find_window(ReadTransaction& transaction, const AccountId& account,
                                     std::int64_t window_start_ms);
/// Where the latest spent window starts, of those that start at `until_ms` or before.
std::optional<std::int64_t> highest_spent_window(ReadTransaction& transaction, const AccountId& account,
                                                 std::int64_t until_ms = std::numeric_limits<std::int64_t>::max());
/// Those that begin at `from_ms` or later, in order.
std::vector<WindowRow> list_windows(ReadTransaction& transaction, const AccountId& account, std::int64_t from_ms);

}  // namespace totpilot::store
