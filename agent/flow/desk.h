#pragma once
// Desk: the account's secrets and records as flows work with them: everything that blocks is done on the pool, every
// wait for a window is told to the listener. One per flow; browser io_context.
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "agent/enrollment/app_time.h"
#include "agent/enrollment/attempt_budget.h"
#include "agent/enrollment/code_mint.h"
#include "agent/enrollment/durable_factor.h"
#include "agent/enrollment/factor_book.h"
#include "agent/enrollment/journal.h"
#include "agent/enrollment/recovery_book.h"
#include "agent/enrollment/window_ledger.h"
#include "agent/flow/flows.h"
#include "agent/vault/credential_mint.h"

namespace totpilot::flow {

/// One code to be typed: a window that is ours, and the supplier that makes the code when the field is ready.
struct CodeTicket {
  browser::SecretSupplier supplier;
  /// Set by the supplier when the field became ready too late for the window; then the fill failed, nothing was typed,
  /// and another ticket is needed.
  std::shared_ptr<bool> too_late;
};

class Desk {
 public:
  Desk(FlowContext& context, ProgressListener& tell);

  enrollment::Journal journal;
  enrollment::FactorBook factors;
  enrollment::RecoveryBook recovery;
  enrollment::WindowLedger windows;
  enrollment::AttemptBudget code_budget;
  enrollment::AttemptBudget password_budget;
  enrollment::CodeMint mint;

  /// Runs blocking work of the books above on the pool.
  template <class Work>
  auto on_pool(Work work) -> task<std::invoke_result_t<Work>> {
    return run_blocking(context_->pool, std::move(work));
  }

  FlowContext& context() { return *context_; }
  const store::AccountRow& account() const { return context_->account; }
  std::string by() const { return context_->lease.job.str(); }
  enrollment::Lease lease() const { return {context_->lease.job, context_->lease.generation}; }
  /// The app's clock minus ours as it is corrected: zero where none was measured lately, and where the limit has been
  /// lowered below it since.
  std::chrono::milliseconds known_skew() const;
  enrollment::AppTime app_time() const;

  /// For fill_secret: the account's password, fetched when the field is ready.
  browser::SecretSupplier password(Deadline deadline);
  /// What a person answered, once.
  browser::SecretSupplier answer(Secret value);

  /// A window for one code, waiting for it as long as it takes within the flow's deadline; says so. timed_out at once
  /// when it begins after that.
  task<enrollment::WindowReservation> reserve(std::chrono::seconds period);
  /// `before` (may be empty) runs once, when the field is ready and just before the code is made: the place to arm.
  /// The factor must outlive the ticket.
  using BeforeCode = std::function<task<void>(const enrollment::WindowReservation&)>;
  CodeTicket ticket(enrollment::DurableFactor& factor, enrollment::WindowReservation reservation, BeforeCode before);

  /// Keeps the app's clock as just measured. clock_skew, and nothing is kept, when it is further off than can be
  /// corrected.
  task<void> learn_skew(browser::ServerTime measured);
  /// Asks the page for the app's time and keeps it; leaves things as they are where the app sends none.
  task<void> measure_skew(browser::PagePort& page, Deadline deadline);
  /// The same, when the last measure is older than an hour or cannot be corrected by.
  task<void> refresh_skew(browser::PagePort& page, Deadline deadline);
  std::optional<std::chrono::milliseconds> skew() const { return measured_; }

  /// The factor in use was enrolled without its recovery codes, and none were kept since. Blocking; on the pool.
  bool codes_are_lost() const;

  task<void> require_code_budget();
  task<void> code_refused();
  task<void> code_taken();
  task<void> require_password_budget();
  task<void> password_refused();
  task<void> password_taken();

  /// The job is past the point where it may be run again from its start.
  task<void> mark_past_return();
  /// Gives back windows that were held and not used. Never throws.
  task<void> release_windows();

 private:
  FlowContext* context_;
  ProgressListener* tell_;
  vault::CredentialMint credentials_;
  std::optional<std::chrono::milliseconds> measured_;
};

}  // namespace totpilot::flow
