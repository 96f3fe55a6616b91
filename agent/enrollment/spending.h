#pragma once
// Spending a window inside somebody's transaction: the ledger's own, or the journal's that arms an enrollment. For this
// room.
#include "agent/base/clock.h"
#include "agent/enrollment/window_ledger.h"
#include "agent/store/transaction.h"

namespace totpilot::enrollment {

/// See WindowLedger::mark_spent. `app_time` says whether the window still lasts, `at` (our clock) is written down.
void spend_window(store::WriteTransaction& transaction, const WindowReservation& reservation, TimePoint app_time,
                  TimePoint at);

}  // namespace totpilot::enrollment
