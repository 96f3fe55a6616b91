#include "agent/enrollment/attempt_budget.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/base/failure.h"
#include "agent/store/attempts.h"
#include "agent/store/store.h"

namespace totpilot::enrollment {
namespace {

/// The attempts that are counted.
struct Counted {
  AccountId account;
  store::AttemptKind kind;
};

int refused_since(store::ReadTransaction& transaction, const Counted& counted, TimePoint since) {
  return store::count_attempts(transaction, counted.account, counted.kind, since);
}

Failure too_many(store::AttemptKind kind, TimePoint next) {
  const bool password = kind == store::AttemptKind::kPassword;
  return Failure(
      Outcome::kLockedOut,
      fmt::format(
          "the app refused {} {} within {} minutes; no other is sent before {}, so that it does not lock the account",
          AttemptBudget::kMost, password ? "passwords" : "codes", AttemptBudget::kSpan.count(), to_iso(next)),
      password ? "give the right one: totpilot account set ACCOUNT --password-stdin"
               : "wait, or look at why the codes are wrong: totpilot check ACCOUNT");
}

/// When the first of the refusals that fill the budget drops out of it.
TimePoint next_try(store::ReadTransaction& transaction, const Counted& counted, TimePoint now) {
  TimePoint full = now - AttemptBudget::kSpan;          // from here on there are kMost or more
  TimePoint room = now + std::chrono::milliseconds(1);  // from here on there are fewer
  while (room - full > std::chrono::milliseconds(1)) {
    const TimePoint middle = full + (room - full) / 2;
    (refused_since(transaction, counted, middle) >= AttemptBudget::kMost ? full : room) = middle;
  }
  return room + AttemptBudget::kSpan;
}

}  // namespace

int AttemptBudget::left(const AccountId& account) const {
  const TimePoint since = clock_->now() - kSpan;
  const int refused = store_->read(
      [&](store::ReadTransaction& transaction) { return refused_since(transaction, {account, kind_}, since); });
  return std::max(0, kMost - refused);
}

void AttemptBudget::require(const AccountId& account) const {
  const TimePoint now = clock_->now();
  store_->read([&](store::ReadTransaction& transaction) {
    const Counted counted{account, kind_};
    if (refused_since(transaction, counted, now - kSpan) < kMost) return;
    throw too_many(kind_, next_try(transaction, counted, now));
  });
}

void AttemptBudget::record(const AccountId& account, const std::string& by) {
  const TimePoint now = clock_->now();
  store_->write(
      [&](store::WriteTransaction& transaction) { store::insert_attempt(transaction, {account, kind_, by, now}); });
}

void AttemptBudget::clear(const AccountId& account) {
  if (left(account) == kMost) return;  // most sign-ins: nothing to write
  store_->write([&](store::WriteTransaction& transaction) { store::clear_attempts(transaction, account, kind_); });
}

}  // namespace totpilot::enrollment
