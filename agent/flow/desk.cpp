#include "agent/flow/desk.h"

#include <fmt/format.h>

#include "agent/base/log.h"
#include "agent/store/accounts.h"
#include "agent/store/jobs.h"
#include "agent/store/store.h"
#include "agent/vault/vault.h"

namespace totpilot::flow {
namespace {

using namespace std::chrono_literals;

constexpr auto kSkewHolds = 1h;

// A code sent in the first moments of its window is a code of the future for an app whose clock is a little behind, and
// many refuse those. Clocks that agree do so to a fraction of a second; a corrected one is known by whole seconds only.
constexpr std::chrono::milliseconds kGuardAgreed{250};
constexpr std::chrono::milliseconds kGuardCorrected{1'000};

/// How far into its window a code should be when it is typed.
std::chrono::milliseconds guard_of(const enrollment::AppTime& time, std::chrono::milliseconds period) {
  return std::min(time.skew() == 0ms ? kGuardAgreed : kGuardCorrected, period / 8);
}

Failure too_long(const std::string& reason, std::chrono::milliseconds wait, Deadline deadline) {
  using std::chrono::ceil, std::chrono::floor, std::chrono::seconds;
  return Failure(Outcome::kTimedOut,
                 fmt::format("the next code comes in {} s ({}), and this run may take only {} s more",
                             ceil<seconds>(wait).count(), reason, floor<seconds>(deadline.remaining()).count()),
                 "run it again then");
}

/// What one ticket's supplier works with; shared by the copies of the std::function that holds it.
struct TicketState {
  enrollment::WindowReservation reservation;
  Desk::BeforeCode before;
  std::shared_ptr<bool> too_late;
  bool begun = false;
};

task<browser::BoundSecret> make_code(Desk& desk, enrollment::DurableFactor& factor,
                                     std::shared_ptr<TicketState> state) {
  const totp::Window& window = state->reservation.window();
  // Asked again for the same field the code is the same one: its window is spent once.
  if (!state->begun && window.remaining(desk.app_time().now()) < totp::min_left(window.period)) {
    *state->too_late = true;
    throw Failure(Outcome::kTimedOut, "the code's window was nearly over when the field became ready");
  }
  if (!state->begun && state->before) co_await state->before(state->reservation);
  state->begun = true;
  const enrollment::AppTime time = desk.app_time();
  co_return co_await desk.on_pool([&] { return desk.mint.code(factor, state->reservation, desk.account(), time); });
}

task<browser::BoundSecret> bound_answer(const vault::CredentialMint& mint, const store::AccountRow& account,
                                        std::shared_ptr<const Secret> answer) {
  co_return mint.answer_for(account, answer->duplicate());
}

}  // namespace

Desk::Desk(FlowContext& context, ProgressListener& tell)
    : journal(context.store, context.vault, context.clock),
      factors(context.store, context.vault, context.clock),
      recovery(context.store, context.vault, context.clock),
      windows(context.store, context.clock),
      code_budget(context.store, context.clock, store::AttemptKind::kCode),
      password_budget(context.store, context.clock, store::AttemptKind::kPassword),
      mint(windows),
      context_(&context),
      tell_(&tell),
      credentials_(context.vault) {}

std::chrono::milliseconds Desk::known_skew() const {
  const auto skew = enrollment::trusted_skew(context_->clock, context_->account);
  return std::chrono::abs(skew) <= context_->limits.skew_limit ? skew : 0ms;
}

enrollment::AppTime Desk::app_time() const { return {context_->clock, known_skew(), context_->limits.skew_limit}; }

browser::SecretSupplier Desk::password(Deadline deadline) {
  return [this, deadline]() -> task<browser::BoundSecret> {
    return on_pool([this, deadline] { return credentials_.password_for(context_->account, deadline); });
  };
}

browser::SecretSupplier Desk::answer(Secret value) {
  // Shared: a supplier may be copied, and asked again for the same field.
  const auto held = std::make_shared<const Secret>(std::move(value));
  return [this, held] { return bound_answer(credentials_, account(), held); };
}

task<enrollment::WindowReservation> Desk::reserve(std::chrono::seconds period) {
  for (;;) {
    const enrollment::AppTime time = app_time();
    enrollment::Reserved reserved =
        co_await on_pool([&] { return windows.reserve({account().id, period, time.now(), by(), 0ms}); });
    if (auto* reservation = std::get_if<enrollment::WindowReservation>(&reserved)) {
      const TimePoint settled = time.to_ours(reservation->window().start) + guard_of(time, period);
      if (context_->clock.now() < settled) co_await context_->clock.wait_until(settled, context_->deadline);
      co_return std::move(*reservation);
    }
    const auto& wait = std::get<enrollment::WaitUntil>(reserved);
    const TimePoint when = time.to_ours(wait.app_time);
    const auto span = when - context_->clock.now();
    if (span > context_->deadline.remaining()) throw too_long(wait.reason, span, context_->deadline);
    tell_->on_event(Waiting{"next code", wait.reason, span});
    co_await context_->clock.wait_until(when, context_->deadline);
  }
}

CodeTicket Desk::ticket(enrollment::DurableFactor& factor, enrollment::WindowReservation reservation,
                        BeforeCode before) {
  auto too_late = std::make_shared<bool>(false);
  auto state = std::make_shared<TicketState>(TicketState{std::move(reservation), std::move(before), too_late, false});
  auto* made_for = &factor;
  return {[this, made_for, state] { return make_code(*this, *made_for, state); }, too_late};
}

task<void> Desk::learn_skew(browser::ServerTime measured) {
  // The Date header counts whole seconds, so the app's time lies between `at` and one second later.
  auto skew = measured.at + 500ms - measured.measured;
  const auto uncertain = std::max(std::chrono::milliseconds(enrollment::kSkewIgnored), 500ms + measured.round_trip / 2);
  if (std::chrono::abs(skew) <= uncertain) skew = 0ms;
  measured_ = skew;
  // Refused before it is kept: the next run must find out for itself whether the clock has been set in the meantime.
  (void)enrollment::AppTime(context_->clock, skew, context_->limits.skew_limit);
  context_->account.skew_ms = skew.count();
  context_->account.skew_measured = context_->clock.now();
  co_await on_pool([&] {
    context_->store.write([&](store::WriteTransaction& transaction) {
      store::set_account_skew(transaction, account().id, skew.count(), *context_->account.skew_measured);
    });
  });
}

task<void> Desk::measure_skew(browser::PagePort& page, Deadline deadline) {
  const std::optional<browser::ServerTime> measured = co_await page.server_time(deadline);
  if (measured) co_await learn_skew(*measured);
}

task<void> Desk::refresh_skew(browser::PagePort& page, Deadline deadline) {
  const auto& last = context_->account.skew_measured;
  const TimePoint now = context_->clock.now();
  const bool correctable =
      std::chrono::abs(std::chrono::milliseconds(context_->account.skew_ms)) <= context_->limits.skew_limit;
  if (last && *last <= now && now - *last < kSkewHolds && correctable) co_return;
  co_await measure_skew(page, deadline);
}

bool Desk::codes_are_lost() const {
  const auto in_use = factors.current(account().id);
  if (!in_use) return false;
  for (const store::EnrollmentRow& row : journal.list(account().id))
    if (row.candidate == in_use->id && row.state == enrollment::state_name(enrollment::State::kActive))
      return row.codes_mark == "missing" && !recovery.any_since(account().id, row.created);
  return false;
}

task<void> Desk::require_code_budget() {
  return on_pool([this] { code_budget.require(account().id); });
}
task<void> Desk::code_refused() {
  return on_pool([this] { code_budget.record(account().id, by()); });
}
task<void> Desk::code_taken() {
  return on_pool([this] { code_budget.clear(account().id); });
}

task<void> Desk::require_password_budget() {
  return on_pool([this] { password_budget.require(account().id); });
}
task<void> Desk::password_refused() {
  return on_pool([this] { password_budget.record(account().id, by()); });
}
task<void> Desk::password_taken() {
  return on_pool([this] { password_budget.clear(account().id); });
}

task<void> Desk::mark_past_return() {
  return on_pool([this] {
    context_->store.write([this](store::WriteTransaction& transaction) {
      const auto job = store::find_job(transaction, context_->lease.job);
      if (!job || job->lease_generation != context_->lease.generation ||
          !store::mark_past_return(transaction, store::fence_of(*job)))
        throw Failure(Outcome::kBusy, "another run has taken this job over");
    });
  });
}

task<void> Desk::release_windows() {
  try {
    co_await on_pool([this] { windows.release(by()); });
  } catch (const Failure& failure) {
    // A reservation that stays only makes the next code wait for another window.
    log::warn("windows held by {} were not given back: {}", by(), failure.message());
  }
}

}  // namespace totpilot::flow
