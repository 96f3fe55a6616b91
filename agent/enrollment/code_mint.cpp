#include "agent/enrollment/code_mint.h"

#include "agent/base/failure.h"
#include "agent/enrollment/recovery_book.h"
#include "agent/totp/code.h"
#include "agent/vault/credential_mint.h"

namespace totpilot::enrollment {

browser::BoundSecret CodeMint::code(const DurableFactor& factor, const WindowReservation& reservation,
                                    const store::AccountRow& account, const AppTime& time) {
  if (factor.account_ != account.id || reservation.account() != account.id) {
    throw Failure(Outcome::kInternal, "a code was asked for with another account's factor or window");
  }
  if (reservation.window().period != factor.parameters_.period) {
    throw Failure(Outcome::kInternal, "a code was asked for with a window of another period");
  }
  if (factor.use_ == FactorUse::kEnroll && !factor.armed_) {
    throw Failure(Outcome::kInternal, "a code was asked for before its enrollment was armed");
  }
  auto pins = vault::pins_of(account);
  ledger_->mark_spent(reservation, time.now());
  return {browser::SecretKind::kCode, totp::code_in(factor.key_, factor.parameters_, reservation.window()),
          std::move(pins)};
}

browser::BoundSecret CodeMint::recovery_code(RecoveryBook& book, const store::AccountRow& account,
                                             const std::string& by) {
  auto pins = vault::pins_of(account);
  auto taken = book.take(account.id, by);
  if (!taken) throw Failure(Outcome::kNotFound, "the account has no unused recovery code left");
  return {browser::SecretKind::kRecoveryCode, std::move(taken->code), std::move(pins)};
}

}  // namespace totpilot::enrollment
