#include "agent/flow/enroll_mission.h"

#include <nlohmann/json.hpp>

#include "agent/enrollment/fail_point.h"
#include "agent/totp/base32.h"

namespace totpilot::flow {

using enrollment::State;

bool EnrollMission::armed() const {
  const State state = enrollment_.state();
  return state == State::kSubmitArmed || state == State::kSubmitted || state == State::kAppConfirmed;
}

task<void> EnrollMission::captured(FoundSecret secret) {
  if (armed()) throw Failure(Outcome::kPlaybookInvalid, "capture_secret comes after the act that turns MFA on");
  TOTPILOT_FAIL_POINT("setup_opening.after_effect");
  key_ = secret.otpauth.key.duplicate();
  text_ = totp::base32_encode(key_);
  source_ = secret.source;
  const enrollment::Capture capture{std::move(secret.otpauth.key),    secret.otpauth.parameters,
                                    std::move(secret.otpauth.issuer), std::move(secret.otpauth.account),
                                    std::move(secret.otpauth.vendor), std::move(secret.source)};
  candidate_.emplace(co_await desk_.on_pool([&] { return desk_.journal.keep_candidate(enrollment_, capture); }));
  // Where showing the secret was the act itself, MFA may be on from here.
  if (turns_on_at() == playbook::TurnsOnAt::kCaptureSecret) co_await before_turning_on();
}

task<void> EnrollMission::arm(const enrollment::WindowReservation& reservation) {
  TOTPILOT_FAIL_POINT("secret_durable.after_effect");
  const TimePoint app_time = desk_.app_time().now();
  co_await desk_.on_pool([&] { desk_.journal.arm(enrollment_, *candidate_, reservation, app_time); });
}

task<CodeTicket> EnrollMission::next_code() {
  if (!candidate_) throw Failure(Outcome::kPlaybookInvalid, "submit_code comes before capture_secret");
  if (armed()) {
    // Only one code per attempt may be the one that turns MFA on (I3); what comes after its acceptance is an ordinary
    // code.
    if (turns_on_at() == playbook::TurnsOnAt::kSubmitCode && !confirmed())
      throw Failure(Outcome::kInternal, "a second code was asked for before the first one was accepted");
    co_return co_await plain_ticket(*candidate_);
  }
  enrollment::WindowReservation reservation = co_await desk_.reserve(candidate_->parameters().period);
  last_window_ = reservation.window();
  const Desk::BeforeCode before = [this](const enrollment::WindowReservation& ready) { return arm(ready); };
  co_return desk_.ticket(*candidate_, std::move(reservation), before);
}

task<CodeTicket> EnrollMission::next_neighbour() {
  const std::optional<totp::Window> first = last_window_;
  CodeTicket ticket = co_await plain_ticket(*candidate_);
  if (!first || !(last_window_ == first->next()))
    throw Failure(Outcome::kCodeReused, "the window after the first code's was taken by another use of this account");
  co_return ticket;
}

std::optional<browser::Condition> EnrollMission::default_accepted() const {
  if (!needs_evidence()) return std::nullopt;
  return playbook_.mfa.enabled;
}

task<void> EnrollMission::submitted() {
  TOTPILOT_FAIL_POINT("submit_armed.after_effect");
  if (enrollment_.state() != State::kSubmitArmed) co_return;
  co_await desk_.on_pool([this] { desk_.journal.advance(enrollment_, State::kSubmitted, {{"acknowledged", true}}); });
}

task<void> EnrollMission::accepted(std::string evidence) {
  if (needs_evidence()) co_await confirm(std::move(evidence));
  co_await desk_.code_taken();
}

task<void> EnrollMission::confirm(std::string evidence) {
  if (confirmed()) co_return;
  const nlohmann::json detail = {{"evidence", evidence}};
  co_await desk_.on_pool([&] { desk_.journal.confirm(enrollment_, detail); });
}

task<void> EnrollMission::keep_codes(std::vector<Secret> codes) {
  codes_kept_ = co_await desk_.on_pool([&] { return desk_.journal.keep_recovery_codes(enrollment_, codes); });
}

task<void> EnrollMission::before_turning_on() {
  if (armed()) co_return;
  if (!candidate_) throw Failure(Outcome::kPlaybookInvalid, "the act that turns MFA on comes before capture_secret");
  const enrollment::WindowReservation reservation = co_await desk_.reserve(candidate_->parameters().period);
  co_await arm(reservation);
}

}  // namespace totpilot::flow
