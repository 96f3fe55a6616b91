#pragma once
// A whole enrollment, and its recovery, against an app that is a few lines of truth in shared memory: what a killed
// process did to it stays.
#include <sys/mman.h>

#include <string>

#include "agent/enrollment/fail_point.h"
#include "agent/totp/code.h"
#include "tests/unit/enrollment/house.h"

namespace totpilot::enrollment {

/// Turns MFA on with the first right code, and takes no code of a window that it has seen. Survives the processes that
/// use it.
class PracticeApp {
 public:
  PracticeApp()
      : truth_(static_cast<Truth*>(
            mmap(nullptr, sizeof(Truth), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    if (truth_ == MAP_FAILED) std::abort();
    *truth_ = Truth{};
  }
  ~PracticeApp() { munmap(truth_, sizeof(Truth)); }
  PracticeApp(const PracticeApp&) = delete;
  PracticeApp& operator=(const PracticeApp&) = delete;

  bool submit(std::string_view code, TimePoint now) {
    ++truth_->submits;
    if (!take(code, now)) return false;
    truth_->enabled = true;
    return true;
  }
  bool sign_in(std::string_view code, TimePoint now) { return take(code, now); }

  bool enabled() const { return truth_->enabled; }
  int submits() const { return truth_->submits; }
  /// Codes of a window that it had seen before, or that are older.
  int reused() const { return truth_->reused; }

 private:
  struct Truth {
    bool enabled = false;
    int submits = 0;
    int reused = 0;
    std::int64_t last_window = 0;
  };

  bool take(std::string_view code, TimePoint now) {
    const totp::Window window = totp::window_at(std::chrono::seconds(30), now);
    if (code != totp::code_in(Secret::copy_of(kKey), {}, window).reveal()) return false;
    if (to_millis(window.start) <= truth_->last_window) {
      ++truth_->reused;
      return false;
    }
    truth_->last_window = to_millis(window.start);
    return true;
  }

  Truth* truth_;
};

/// Signs in with a code of `factor`.
inline bool sign_in(House& house, PracticeApp& app, const store::AccountRow& account, const DurableFactor& factor,
                    const Lease& lease) {
  const WindowReservation reservation = house.reserve(account.id, lease.job.str());
  const auto code = house.mint.code(factor, reservation, account, AppTime::of(house.clock, account));
  return app.sign_in(code.value().reveal(), house.clock.now());
}

/// As the flow does it, with the flow's fail-points.
inline void enroll(House& house, PracticeApp& app) {
  const store::AccountRow account = house.only_account();
  const Lease lease = house.add_job(account.id);
  Enrollment enrollment = house.journal.begin({account.id, lease, "hash", "playbook: 1"});
  house.journal.advance(enrollment, State::kAuthenticating, {});
  TOTPILOT_FAIL_POINT("authenticating.after_effect");
  house.journal.advance(enrollment, State::kSetupOpening, {});
  TOTPILOT_FAIL_POINT("setup_opening.after_effect");
  DurableFactor factor = house.journal.keep_candidate(enrollment, captured());
  TOTPILOT_FAIL_POINT("secret_durable.after_effect");
  {
    const WindowReservation reservation = house.reserve(account.id, lease.job.str());
    house.journal.arm(enrollment, factor, reservation, house.clock.now());
    const auto code = house.mint.code(factor, reservation, account, AppTime::of(house.clock, account));
    if (!app.submit(code.value().reveal(), house.clock.now()))
      throw Failure(Outcome::kCodeRejected, "the app refused the code");
  }
  TOTPILOT_FAIL_POINT("submit_armed.after_effect");
  house.journal.advance(enrollment, State::kSubmitted, {});
  house.journal.confirm(enrollment, {});
  house.journal.keep_recovery_codes(enrollment, some_codes());
  TOTPILOT_FAIL_POINT("recovery_codes.after_effect");
  house.journal.advance(enrollment, State::kVerifying, {});
  const DurableFactor proven = house.factors.open_current(account.id);
  if (!sign_in(house, app, account, proven, lease)) throw Failure(Outcome::kProofFailed, "the app refused the proof");
  TOTPILOT_FAIL_POINT("verifying.after_effect");
  house.journal.go_live(enrollment, proven, {});
}

/// One enrollment, settled by probing (safety.md B.3). Gives where it ended.
inline State settle(House& house, PracticeApp& app, const store::AccountRow& account, Enrollment& enrollment,
                    const Lease& lease) {
  if (cancel_rule(enrollment.state()) == CancelRule::kFreely) {
    house.journal.cancel(enrollment, std::nullopt, {});
    return enrollment.state();
  }
  if (enrollment.state() != State::kVerifying) house.journal.advance(enrollment, State::kUncertain, {});
  if (!app.enabled()) {
    house.journal.fail_safe(enrollment, SafeProof::kMfaOff, {});
    return enrollment.state();
  }
  house.journal.advance(enrollment, State::kVerifying, {});
  for (const auto& row : house.factors.probe_order(account.id)) {
    const DurableFactor factor = house.factors.open(row);
    if (!sign_in(house, app, account, factor, lease)) continue;
    house.journal.go_live(enrollment, factor, {});
    return enrollment.state();
  }
  house.journal.advance(enrollment, State::kNeedsHuman, {});
  return enrollment.state();
}

/// What the next process does. Its clock is later than any lease of those before.
inline void recover(House& house, PracticeApp& app) {
  const store::AccountRow account = house.only_account();
  const Lease lease = house.add_job(account.id, "recover");
  for (Enrollment& enrollment : house.journal.open_enrollments(account.id, lease))
    settle(house, app, account, enrollment, lease);
}

}  // namespace totpilot::enrollment
