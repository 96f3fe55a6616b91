#include "agent/enrollment/window_ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "agent/base/failure.h"
#include "agent/base/log.h"
#include "agent/enrollment/app_time.h"
#include "agent/enrollment/fail_point.h"
#include "agent/enrollment/spending.h"
#include "agent/store/accounts.h"
#include "agent/store/jobs.h"
#include "agent/store/store.h"
#include "agent/store/windows.h"

namespace totpilot::enrollment {
namespace {

using store::WindowRow;
using store::WindowUse;
using totp::Window;

/// A person who was shown a code needs about so long to type it.
constexpr std::chrono::seconds kShownCounts{60};
constexpr std::chrono::hours kKept{1};

/// How many periods further ahead than a clock is corrected a window is still believed to be spent.
constexpr int kPeriodsAhead = 3;

std::int64_t key_of(const Window& window) { return to_millis(window.start); }

/// The latest window that is spent and can be, where `current` lasts now. One far ahead was spent while our clock was
/// wrong, and would block the account until that time comes; then it counts again, so it is not spent twice.
std::optional<TimePoint> last_spent_window(store::ReadTransaction& transaction, const AccountId& account,
                                           const Window& current) {
  const TimePoint furthest = current.start + kSkewLimit + kPeriodsAhead * current.period;
  const auto latest = store::highest_spent_window(transaction, account);
  if (!latest) return std::nullopt;
  if (from_millis(*latest) <= furthest) return from_millis(*latest);
  log::warn(
      "account {}: a code of {} is marked as used, and that time has not come yet; it was a wrong clock, and does "
      "not count",
      account.str(), to_iso(from_millis(*latest)));
  const auto believed = store::highest_spent_window(transaction, account, to_millis(furthest));
  if (!believed) return std::nullopt;
  return from_millis(*believed);
}

/// A job whose lease has run out, or that has ended, will not send what it holds. Others ("cli:4711") are taken at
/// their word: their window is soon over.
bool is_dead(store::ReadTransaction& transaction, const std::string& holder, TimePoint now) {
  if (!JobId::looks_right(holder)) return false;
  const auto job = store::find_job(transaction, JobId::from(holder));
  return job && (job->state != store::JobState::kRunning || !job->lease_until || *job->lease_until < now);
}

/// The account's windows as one transaction sees them.
class Windows {
 public:
  Windows(store::WriteTransaction& transaction, const AccountId& account, const Window& from, TimePoint now)
      : transaction_(transaction), account_(account), now_(now), spent_(last_spent_window(transaction, account, from)) {
    for (WindowRow& row : store::list_windows(transaction, account, key_of(from))) {
      rows_.emplace(row.window_start_ms, std::move(row));
    }
  }

  const std::optional<TimePoint>& last_spent() const { return spent_; }

  const WindowRow* find(const Window& window) const {
    const auto row = rows_.find(key_of(window));
    return row == rows_.end() ? nullptr : &row->second;
  }

  /// Why `by` cannot have the window; empty when it can.
  std::string why_not(const Window& window, const std::string& by) const {
    if (spent_ && window.start <= *spent_) return "this window is used";
    const WindowRow* row = find(window);
    if (row == nullptr) return {};
    if (row->use == WindowUse::kSpent) return "this window is used";
    if (row->use == WindowUse::kReserved && row->by != by && !is_dead(transaction_, row->by, now_))
      return "another job holds this window";
    if (row->use == WindowUse::kShown && now_ - row->at < kShownCounts)
      return "this window's code was shown to a person";
    return {};
  }

  /// Enters it for `by`, whom why_not() said nothing against.
  void hold(const Window& window, const std::string& by) {
    const WindowRow* row = find(window);
    const WindowRow mine{account_, key_of(window), static_cast<int>(window.period.count()), WindowUse::kReserved, by,
                         now_};
    if (row != nullptr && row->use == WindowUse::kReserved) {
      if (row->by == by) return;
      store::release_window(transaction_, account_, row->window_start_ms, row->by);  // of a dead job
      row = nullptr;
    }
    const bool entered =
        row == nullptr ? store::insert_window(transaction_, mine) : store::raise_window(transaction_, row->use, mine);
    if (!entered) throw Failure(Outcome::kInternal, "the window ledger contradicts itself");
  }

  /// What `by` had held ahead and does not want any more.
  void let_go_of_others(const Window& window, const std::string& by) {
    for (const auto& [start, row] : rows_) {
      if (start != key_of(window) && row.use == WindowUse::kReserved && row.by == by) {
        store::release_window(transaction_, account_, start, by);
      }
    }
  }

 private:
  store::WriteTransaction& transaction_;
  AccountId account_;
  TimePoint now_;
  std::optional<TimePoint> spent_;
  std::map<std::int64_t, WindowRow> rows_;
};

/// The first window at or after `window` that begins later than `spent`.
Window later_than(Window window, const std::optional<TimePoint>& spent) {
  if (spent && window.start <= *spent) window = totp::window_at(window.period, *spent).next();
  return window;
}

}  // namespace

Reserved WindowLedger::reserve(const ReserveRequest& request) {
  const Window current = totp::window_at(request.period, request.app_time);
  const auto wanted = request.min_left.count() > 0 ? request.min_left : totp::min_left(request.period);
  const TimePoint now = clock_->now();
  return store_->write([&](store::WriteTransaction& transaction) -> Reserved {
    Windows windows(transaction, request.account, current, now);
    std::string reason = windows.why_not(current, request.by);
    if (reason.empty() && current.remaining(request.app_time) < wanted) {
      reason = fmt::format("only {} s of this window are left",
                           std::chrono::ceil<std::chrono::seconds>(current.remaining(request.app_time)).count());
    }
    Window window = current;
    if (!reason.empty()) {
      // Held from now on, so that neither a tab that shows each new code nor another job can keep us waiting for ever.
      window = later_than(current.next(), windows.last_spent());
      while (!windows.why_not(window, request.by).empty()) window = window.next();
    }
    windows.hold(window, request.by);
    windows.let_go_of_others(window, request.by);
    if (window == current) return WindowReservation(request.account, window, request.by);
    return WaitUntil{window.start, reason};
  });
}

void spend_window(store::WriteTransaction& transaction, const WindowReservation& reservation, TimePoint app_time,
                  TimePoint at) {
  const Window& window = reservation.window();
  if (!window.holds(app_time)) throw Failure(Outcome::kTimedOut, "the window of this code is over");
  const auto row = store::find_window(transaction, reservation.account(), key_of(window));
  if (row && row->use == WindowUse::kSpent && row->by == reservation.by()) return;
  const auto spent = last_spent_window(transaction, reservation.account(), window);
  const bool overtaken = spent && *spent >= window.start;
  if (overtaken || !row || row->use != WindowUse::kReserved || row->by != reservation.by()) {
    throw Failure(Outcome::kCodeReused, "another use of the account has taken this window");
  }
  const WindowRow mine{reservation.account(), key_of(window), row->period, WindowUse::kSpent, reservation.by(), at};
  if (!store::raise_window(transaction, WindowUse::kReserved, mine)) {
    throw Failure(Outcome::kInternal, "the window ledger contradicts itself");
  }
}

void WindowLedger::mark_spent(const WindowReservation& reservation, TimePoint app_time) {
  const TimePoint now = clock_->now();
  store_->write([&](store::WriteTransaction& transaction) {
    spend_window(transaction, reservation, app_time, now);
    TOTPILOT_FAIL_POINT("window_spent.before_commit");
  });
  TOTPILOT_FAIL_POINT("window_spent.after_commit");
}

Shown WindowLedger::mark_shown(const AccountId& account, std::chrono::seconds period, TimePoint app_time,
                               const std::string& by) {
  const Window current = totp::window_at(period, app_time);
  const TimePoint now = clock_->now();
  return store_->write([&](store::WriteTransaction& transaction) {
    Windows windows(transaction, account, current, now);
    Shown shown{.window = current, .by = by, .next = current};
    const WindowRow* row = windows.find(current);
    if (row != nullptr && row->use == WindowUse::kReserved && is_dead(transaction, row->by, now)) {
      store::release_window(transaction, account, row->window_start_ms, row->by);
      row = nullptr;
    }
    if (row != nullptr) {
      shown.use = row->use;
      shown.by = row->by;
    }
    if (shown.use == WindowUse::kShown && windows.last_spent() && *windows.last_spent() >= current.start) {
      // A later one was used already, with another period or before the clocks were compared.
      shown.use = WindowUse::kSpent;
      shown.overtaken = true;
    }
    if (row == nullptr) {
      store::insert_window(transaction,
                           {account, key_of(current), static_cast<int>(period.count()), WindowUse::kShown, by, now});
    }
    shown.next = later_than(current.next(), windows.last_spent());
    while (!windows.why_not(shown.next, by).empty()) shown.next = shown.next.next();
    return shown;
  });
}

void WindowLedger::release(const AccountId& account, const std::string& by) {
  store_->write([&](store::WriteTransaction& transaction) {
    for (const WindowRow& row : store::list_windows(transaction, account, 0)) {
      if (row.use == WindowUse::kReserved && row.by == by)
        store::release_window(transaction, account, row.window_start_ms, by);
    }
  });
}

void WindowLedger::release(const std::string& by) {
  const auto accounts = store_->read([&](store::ReadTransaction& transaction) {
    std::vector<AccountId> holders;
    if (JobId::looks_right(by)) {
      if (const auto job = store::find_job(transaction, JobId::from(by))) holders.push_back(job->account);
      return holders;
    }
    for (const store::AccountRow& account : store::list_accounts(transaction)) holders.push_back(account.id);
    return holders;
  });
  for (const AccountId& account : accounts) release(account, by);
}

void WindowLedger::prune(TimePoint app_time) {
  store_->write(
      [&](store::WriteTransaction& transaction) { store::prune_windows(transaction, to_millis(app_time - kKept)); });
}

}  // namespace totpilot::enrollment
