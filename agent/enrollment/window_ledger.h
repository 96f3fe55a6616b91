#pragma once
// WindowLedger: which time windows of an account have been used, so that no code is ever sent twice: not by two jobs,
// not after a crash, not with a newer factor. Kept in the store, so it holds across processes. Blocking; call it on the
// pool.
#include <chrono>
#include <string>
#include <variant>

#include "agent/base/clock.h"
#include "agent/base/id.h"
#include "agent/store/rows.h"
#include "agent/totp/window.h"

namespace totpilot::store {
class Store;
}

namespace totpilot::enrollment {

/// The right to send one code of one window. Worth something only while its window lasts; dying gives nothing back
/// (release() does).
class WindowReservation {
 public:
  WindowReservation(WindowReservation&&) = default;
  WindowReservation& operator=(WindowReservation&&) = default;

  const AccountId& account() const { return account_; }
  const totp::Window& window() const { return window_; }
  const std::string& by() const { return by_; }

 private:
  friend class WindowLedger;
  WindowReservation(AccountId account, totp::Window window, std::string by)
      : account_(std::move(account)), window_(window), by_(std::move(by)) {}

  AccountId account_;
  totp::Window window_;
  std::string by_;
};

/// The window that can be had next. It is already held for the asker: ask again when it has begun.
struct WaitUntil {
  TimePoint app_time;  // its start; AppTime::to_ours gives what our clock will show
  std::string reason;  // why not now: "this window is used"
};

using Reserved = std::variant<WindowReservation, WaitUntil>;

struct ReserveRequest {
  AccountId account;
  std::chrono::seconds period{30};
  TimePoint app_time;  // now, by the app's clock
  std::string by;      // a job's id, or "cli:<pid>" for a person's command
  /// What must be left of the window; zero: totp::min_left(period).
  std::chrono::milliseconds min_left{0};
};

/// What a person who looks at a code should be told with it.
struct Shown {
  totp::Window window;  // the current one
  store::WindowUse use =
      store::WindowUse::kShown;  // kReserved: `by` is about to send this code; kSpent: `by` has sent it
  std::string by;
  bool overtaken = false;  // with kSpent: nobody has sent this code, but a later one was used
  totp::Window next;       // the first window after it that nobody has
};

class WindowLedger {
 public:
  WindowLedger(store::Store& store, const Clock& clock) : store_(&store), clock_(&clock) {}

  /// The current window, if it is free and enough is left of it; else the next that is, held for `by`. A window is free
  /// when it is later than every spent one (of any factor of the account), nobody alive holds it, and nobody was shown
  /// it in the last minute. A spent one further ahead than clocks can differ does not count: our clock was wrong.
  Reserved reserve(const ReserveRequest& request);

  /// Before the code leaves us. code_reused when another use has overtaken this reservation; timed_out when its window
  /// is over. Spending a window twice with the same reservation is one spending.
  void mark_spent(const WindowReservation& reservation, TimePoint app_time);

  /// A person was shown the current code. Never refuses; tells who else has it.
  Shown mark_shown(const AccountId& account, std::chrono::seconds period, TimePoint app_time, const std::string& by);

  /// Gives back what `by` holds and has not spent: for a job that ended, or died.
  void release(const std::string& by);
  void release(const AccountId& account, const std::string& by);

  /// Forgets windows that ended over an hour before; of the spent ones, the latest of each account stays for ever.
  void prune(TimePoint app_time);

 private:
  store::Store* store_;
  const Clock* clock_;
};

}  // namespace totpilot::enrollment
