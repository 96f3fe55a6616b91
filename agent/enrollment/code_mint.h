#pragma once
// CodeMint: the only maker of codes that may be typed. Asks for a durable factor and a reserved window, spends the
// window first, and binds the code to the account's origins. Blocking (it writes); call it on the pool.
#include <string>

#include "agent/browser/bound_secret.h"
#include "agent/enrollment/app_time.h"
#include "agent/enrollment/durable_factor.h"
#include "agent/enrollment/window_ledger.h"
#include "agent/store/rows.h"

namespace totpilot::enrollment {

class RecoveryBook;

class CodeMint {
 public:
  explicit CodeMint(WindowLedger& ledger) : ledger_(&ledger) {}

  /// The code of the reserved window, which is spent from then on whatever happens. timed_out when the window is over
  /// by `time`, code_reused when it was overtaken, internal for a factor that must be armed and is not, or that is
  /// another account's.
  browser::BoundSecret code(const DurableFactor& factor, const WindowReservation& reservation,
                            const store::AccountRow& account, const AppTime& time);

  /// An unused recovery code, marked used by `by` before it is given out. not_found when there is none left.
  browser::BoundSecret recovery_code(RecoveryBook& book, const store::AccountRow& account, const std::string& by);

 private:
  WindowLedger* ledger_;
};

}  // namespace totpilot::enrollment
