#include "agent/flow/mission.h"

#include <fmt/format.h>

#include <algorithm>

namespace totpilot::flow {
namespace {

Failure no_place(std::string_view step, std::string_view flow) {
  return Failure(Outcome::kPlaybookInvalid, fmt::format("{} belongs in {}", step, flow));
}

/// The app asks for a code, and no factor is in use here.
Failure no_secret_for(Desk& desk) {
  const auto kept = desk.factors.list(desk.account().id);
  if (std::ranges::find(kept, store::FactorState::kCandidate, &store::FactorRow::state) != kept.end())
    return Failure(Outcome::kMfaAlreadyOn, "the app asks for a code, and the secret kept here is not confirmed",
                   "when the app has taken a code of it: totpilot factor confirm ACCOUNT");
  return Failure(Outcome::kMfaAlreadyOn, "the app asks for a code, and no secret of this account is known here",
                 "import it (totpilot factor import ACCOUNT FILE --confirmed) or turn MFA off in the app");
}

}  // namespace

task<enrollment::DurableFactor*> Mission::sign_in_factor() {
  if (!current_) {
    const AccountId account = desk_.account().id;
    const auto row = co_await desk_.on_pool([&] { return desk_.factors.current(account); });
    if (!row) throw co_await desk_.on_pool([&] { return no_secret_for(desk_); });
    current_.emplace(co_await desk_.on_pool([&] { return desk_.factors.open(*row); }));
  }
  co_return &*current_;
}

task<void> Mission::captured(FoundSecret) {
  throw no_place("capture_secret", "flows.enroll");
  co_return;
}

task<CodeTicket> Mission::plain_ticket(enrollment::DurableFactor& factor) {
  enrollment::WindowReservation reservation = co_await desk_.reserve(factor.parameters().period);
  last_window_ = reservation.window();
  co_return desk_.ticket(factor, std::move(reservation), {});
}

task<CodeTicket> Mission::next_code() {
  note_code_asked();
  enrollment::DurableFactor* factor = co_await sign_in_factor();
  co_await desk_.require_code_budget();
  co_return co_await plain_ticket(*factor);
}

task<CodeTicket> Mission::next_neighbour() {
  const std::optional<totp::Window> first = last_window_;
  enrollment::DurableFactor* factor = co_await sign_in_factor();
  CodeTicket ticket = co_await plain_ticket(*factor);
  if (!first || !(last_window_ == first->next()))
    throw Failure(Outcome::kCodeReused, "the window after the first code's was taken by another use of this account");
  co_return ticket;
}

task<void> Mission::accepted(std::string) { co_await desk_.code_taken(); }

task<void> Mission::rejected() { co_await desk_.code_refused(); }

task<void> Mission::keep_codes(std::vector<Secret>) {
  throw no_place("save_recovery_codes", "flows.enroll or recovery_codes");
  co_return;
}

}  // namespace totpilot::flow
