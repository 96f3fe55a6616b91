#include "agent/enrollment/factor_book.h"

#include <algorithm>

#include "agent/base/failure.h"
#include "agent/enrollment/factor_reader.h"
#include "agent/enrollment/recovery_keeping.h"
#include "agent/enrollment/state.h"
#include "agent/store/accounts.h"
#include "agent/store/enrollments.h"
#include "agent/store/factors.h"
#include "agent/store/store.h"
#include "agent/vault/vault.h"

namespace totpilot::enrollment {
namespace {

using store::FactorRow;
using store::FactorState;

FactorRow require_factor(store::ReadTransaction& transaction, const FactorId& id) {
  auto row = store::find_factor(transaction, id);
  if (!row) throw Failure(Outcome::kNotFound, "there is no factor " + id.str());
  return std::move(*row);
}

store::AccountRow require_account(store::ReadTransaction& transaction, const AccountId& id) {
  auto row = store::find_account(transaction, id);
  if (!row) throw Failure(Outcome::kNotFound, "there is no account " + id.str());
  return std::move(*row);
}

/// The state of the enrollment that the factor came from, if it is not settled for good.
std::optional<State> open_state(store::ReadTransaction& transaction, const FactorRow& factor) {
  if (factor.enrollment.empty()) return std::nullopt;
  const auto enrollment = store::find_enrollment(transaction, factor.enrollment);
  if (!enrollment) return std::nullopt;
  const auto state = state_from_name(enrollment->state);
  if (!state) throw Failure(Outcome::kStorageFailed, "an enrollment in the database has a state that is not known");
  return is_final(*state) ? std::nullopt : state;
}

bool same_parameters(const store::FactorParameters& a, const store::FactorParameters& b) {
  return to_totp(a) == to_totp(b);
}

/// Its place in probe_order().
int probe_rank(FactorState state) {
  switch (state) {
    case FactorState::kCandidate:
    case FactorState::kConfirmed:
      return 0;
    case FactorState::kLive:
      return 1;
    case FactorState::kSuperseded:
      return 2;
    case FactorState::kDiscarded:
      break;
  }
  return 3;
}

void set_state(store::WriteTransaction& transaction, const FactorRow& row, FactorState to, TimePoint at) {
  if (!store::set_factor_state(transaction, row.id, row.state, to, at)) {
    throw Failure(Outcome::kBusy, "factor " + row.id.str() + " was changed by another at the same time");
  }
}

/// What was in use before. The factor of an enrollment that is still open is that enrollment's to decide over.
void supersede_others(store::WriteTransaction& transaction, const FactorRow& factor, TimePoint at) {
  for (const FactorRow& other : store::list_factors(transaction, factor.account)) {
    const bool in_use = other.state == FactorState::kLive || other.state == FactorState::kConfirmed;
    if (other.id != factor.id && in_use && !open_state(transaction, other))
      set_state(transaction, other, FactorState::kSuperseded, at);
  }
}

}  // namespace

std::optional<FactorRow> find_current_factor(store::ReadTransaction& transaction, const AccountId& account) {
  for (FactorRow& row : store::list_factors(transaction, account)) {
    if (row.state == FactorState::kConfirmed && open_state(transaction, row)) return std::move(row);
  }
  return store::find_usable_factor(transaction, account);
}

FactorBook::Imported FactorBook::import(const AccountId& account, const totp::OtpAuth& given,
                                        const std::string& source) {
  if (const auto valid = totp::checked(given.parameters); !valid) throw Failure(Outcome::kInvalidInput, valid.error());
  if (given.key.empty()) throw Failure(Outcome::kInvalidInput, "the key is empty");
  const FactorRow made = sealed_row({account, EnrollmentId(), given.key, given.parameters, given.issuer, given.account,
                                     given.vendor, source, clock_->now()},
                                    *vault_);
  store::AccountRow owner;
  const Imported imported = store_->write([&](store::WriteTransaction& transaction) -> Imported {
    owner = require_account(transaction, account);
    for (FactorRow& known : store::list_factors(transaction, account)) {
      if (known.fingerprint == made.fingerprint && known.state != FactorState::kDiscarded &&
          same_parameters(known.parameters, made.parameters)) {
        return {std::move(known), true};
      }
    }
    store::insert_factor(transaction, made);
    return {made, false};
  });
  const FactorRow kept = get(imported.row.id);  // through another connection
  if (!FactorReader::open(kept, *vault_, FactorUse::kSignIn).key_.same_as(given.key)) {
    throw Failure(Outcome::kStorageFailed, "the key does not come back as it was kept");
  }
  if (!imported.known) write_escrow(kept, owner, *vault_);
  return {kept, imported.known};
}

FactorRow FactorBook::confirm(const FactorId& factor) {
  const TimePoint now = clock_->now();
  (void)open(get(factor));  // a key that cannot be read back is not handed out
  return store_->write([&](store::WriteTransaction& transaction) {
    const FactorRow row = require_factor(transaction, factor);
    if (row.state == FactorState::kDiscarded) {
      throw Failure(Outcome::kInvalidInput, "factor " + factor.str() + " was discarded", "import its key again");
    }
    supersede_others(transaction, row, now);
    if (row.state == FactorState::kCandidate || row.state == FactorState::kSuperseded) {
      set_state(transaction, row, FactorState::kConfirmed, now);
    }
    return require_factor(transaction, factor);
  });
}

FactorRow FactorBook::discard(const FactorId& factor) {
  const TimePoint now = clock_->now();
  return store_->write([&](store::WriteTransaction& transaction) {
    const FactorRow row = require_factor(transaction, factor);
    if (row.state == FactorState::kLive) {
      throw Failure(Outcome::kInvalidInput, "factor " + factor.str() + " is the one in use",
                    "turn MFA off (totpilot disable ACCOUNT; by hand, then totpilot factor retire ACCOUNT), or confirm "
                    "another first");
    }
    if (const auto state = open_state(transaction, row)) {
      throw Failure(Outcome::kInvalidInput,
                    "factor " + factor.str() + " belongs to an enrollment that is not settled (" +
                        std::string(state_name(*state)) + ")",
                    "totpilot recover ACCOUNT");
    }
    if (row.state != FactorState::kDiscarded) set_state(transaction, row, FactorState::kDiscarded, now);
    return require_factor(transaction, factor);
  });
}

FactorRow FactorBook::mark_live(const DurableFactor& factor, const Lease& lease) {
  const TimePoint now = clock_->now();
  FactorRow row = store_->write([&](store::WriteTransaction& transaction) {
    require_lease(transaction, lease);
    if (!store::make_factor_live(transaction, factor.id(), now)) {
      throw Failure(Outcome::kInternal, "factor " + factor.id().str() + " cannot become the live one");
    }
    return require_factor(transaction, factor.id());
  });
  prune_escrow(factor.id(), *vault_);
  return row;
}

std::optional<FactorRow> FactorBook::retire(const AccountId& account, const Lease& lease) {
  const TimePoint now = clock_->now();
  const auto in_use = current(account);
  store_->write([&](store::WriteTransaction& transaction) {
    require_lease(transaction, lease);
    for (const FactorRow& row : store::list_factors(transaction, account)) {
      if (row.state == FactorState::kLive || row.state == FactorState::kConfirmed)
        set_state(transaction, row, FactorState::kSuperseded, now);
    }
    replace_codes(transaction, account, TimePoint{}, TimePoint::max());
  });
  return in_use;
}

std::vector<FactorRow> FactorBook::list(const AccountId& account) const {
  return store_->read([&](store::ReadTransaction& transaction) { return store::list_factors(transaction, account); });
}

FactorRow FactorBook::get(const FactorId& factor) const {
  return store_->read([&](store::ReadTransaction& transaction) { return require_factor(transaction, factor); });
}

std::optional<FactorRow> FactorBook::current(const AccountId& account) const {
  return store_->read([&](store::ReadTransaction& transaction) { return find_current_factor(transaction, account); });
}

std::vector<FactorRow> FactorBook::probe_order(const AccountId& account) const {
  auto rows = list(account);
  std::erase_if(rows, [](const FactorRow& row) { return row.state == FactorState::kDiscarded; });
  std::ranges::sort(rows, [](const FactorRow& a, const FactorRow& b) {
    if (probe_rank(a.state) != probe_rank(b.state)) return probe_rank(a.state) < probe_rank(b.state);
    return a.created != b.created ? a.created > b.created : a.id > b.id;  // newest first
  });
  return rows;
}

DurableFactor FactorBook::open(const FactorRow& factor) const {
  return FactorReader::open(factor, *vault_, FactorUse::kSignIn);
}

DurableFactor FactorBook::open_current(const AccountId& account) const {
  const auto row = current(account);
  if (!row) {
    throw Failure(Outcome::kNotFound, "the account has no factor to make codes with",
                  "totpilot enroll ACCOUNT; or bring its key (totpilot factor import ACCOUNT) and confirm it (totpilot "
                  "factor confirm ACCOUNT)");
  }
  return open(*row);
}

Secret FactorBook::export_uri(const FactorId& factor) const {
  const FactorRow row = get(factor);
  DurableFactor durable = open(row);
  totp::OtpAuth otpauth;
  otpauth.key = std::move(durable.key_);
  otpauth.parameters = durable.parameters_;
  otpauth.issuer = row.issuer;
  otpauth.account = row.label;
  otpauth.vendor = row.vendor;
  return totp::print_otpauth(otpauth);
}

}  // namespace totpilot::enrollment
