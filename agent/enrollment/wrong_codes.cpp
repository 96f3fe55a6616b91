#include "agent/enrollment/wrong_codes.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/base/failure.h"
#include "agent/store/attempts.h"
#include "agent/store/store.h"

namespace totpilot::enrollment {
namespace {

int refused_since(store::ReadTransaction& transaction, const AccountId& account, TimePoint since) {
  return store::count_attempts(transaction, account, store::AttemptKind::kCode, since);
}

/// When the first of the refusals that fill the budget drops out of it.
TimePoint next_try(store::ReadTransaction& transaction, const AccountId& account, TimePoint now) {
  TimePoint full = now - WrongCodeBudget::kSpan;        // from here on there are kMost or more
  TimePoint room = now + std::chrono::milliseconds(1);  // from here on there are fewer
  while (room - full > std::chrono::milliseconds(1)) {
    const TimePoint middle = full + (room - full) / 2;
    (refused_since(transaction, account, middle) >= WrongCodeBudget::kMost ? full : room) = middle;
  }
  return room + WrongCodeBudget::kSpan;
}

}  // namespace

int WrongCodeBudget::left(const AccountId& account) const {
  const TimePoint since = clock_->now() - kSpan;
  const int refused =
      store_->read([&](store::ReadTransaction& transaction) { return refused_since(transaction, account, since); });
  return std::max(0, kMost - refused);
}

void WrongCodeBudget::require(const AccountId& account) const {
  const TimePoint now = clock_->now();
  store_->read([&](store::ReadTransaction& transaction) {
    if (refused_since(transaction, account, now - kSpan) < kMost) return;
    throw Failure(Outcome::kLockedOut,
                  fmt::format("the app refused {} codes within {} minutes; no other is sent before {}, so that it does "
                              "not lock the account",
                              kMost, kSpan.count(), to_iso(next_try(transaction, account, now))),
                  "wait, or look at why the codes are wrong: totpilot check ACCOUNT");
  });
}

void WrongCodeBudget::record(const AccountId& account, const std::string& by) {
  const TimePoint now = clock_->now();
  store_->write([&](store::WriteTransaction& transaction) {
    store::insert_attempt(transaction, {account, store::AttemptKind::kCode, by, now});
  });
}

void WrongCodeBudget::clear(const AccountId& account) {
  store_->write([&](store::WriteTransaction& transaction) {
    store::clear_attempts(transaction, account, store::AttemptKind::kCode);
  });
}

}  // namespace totpilot::enrollment
