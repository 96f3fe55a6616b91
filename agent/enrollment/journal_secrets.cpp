// The journal's transitions that carry a secret or decide over one: capture, arming, confirmation, recovery codes,
// going live.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "agent/base/failure.h"
#include "agent/base/log.h"
#include "agent/enrollment/factor_reader.h"
#include "agent/enrollment/fail_point.h"
#include "agent/enrollment/journal_step.h"
#include "agent/enrollment/recovery_keeping.h"
#include "agent/enrollment/spending.h"
#include "agent/store/accounts.h"
#include "agent/store/factors.h"
#include "agent/store/jobs.h"
#include "agent/store/recovery_codes.h"
#include "agent/store/store.h"
#include "agent/totp/code.h"
#include "agent/vault/vault.h"

namespace totpilot::enrollment {
namespace {

using nlohmann::json;
using store::EnrollmentRow;
using store::FactorRow;
using store::FactorState;

[[noreturn]] void forbid(State from, State to) {
  throw Failure(Outcome::kInternal,
                fmt::format("an enrollment cannot go from {} to {}", state_name(from), state_name(to)));
}

void require_step(State from, State to) {
  if (!may_follow(from, to)) forbid(from, to);
}

store::AccountRow account_of(store::Store& store, const AccountId& id) {
  auto account = store.read([&](store::ReadTransaction& transaction) { return store::find_account(transaction, id); });
  if (!account) throw Failure(Outcome::kNotFound, "there is no account " + id.str());
  return std::move(*account);
}

/// The same key captured again: from a page that was opened again, or that keeps its pending secret.
std::optional<FactorRow> known_candidate(store::ReadTransaction& transaction, const FactorRow& made) {
  for (FactorRow& row : store::list_factors(transaction, made.account)) {
    if (row.state == FactorState::kCandidate && row.enrollment == made.enrollment &&
        row.fingerprint == made.fingerprint && to_totp(row.parameters) == to_totp(made.parameters)) {
      return std::move(row);
    }
  }
  return std::nullopt;
}

void mark_past_return(store::WriteTransaction& transaction, const JobId& job) {
  const auto row = store::find_job(transaction, job);
  if (row && !store::mark_past_return(transaction, store::fence_of(*row))) {
    throw Failure(Outcome::kBusy, "the job's lease has ended", "the next worker settles the enrollment");
  }
}

void rescue(const FactorRow& row, const store::AccountRow& account, vault::Vault& vault) noexcept {
  try {
    write_escrow(row, account, vault);
    log::error("the captured key of account {} is not in the database; it is in the escrow file as {}", account.name,
               row.id.str());
  } catch (const std::exception&) {
    log::error("the captured key of account {} could be written neither to the database nor to the escrow file",
               account.name);
  }
}

/// All codes of an enrollment were kept after it began; older ones belong to an earlier factor.
constexpr TimePoint kEver{};

}  // namespace

DurableFactor Journal::keep_candidate(Enrollment& enrollment, const Capture& capture) {
  require_step(enrollment.state(), State::kSecretDurable);
  if (const auto valid = totp::checked(capture.parameters); !valid)
    throw Failure(Outcome::kInvalidInput, valid.error());
  if (capture.key.empty()) throw Failure(Outcome::kInvalidInput, "the captured key is empty");
  const store::AccountRow account = account_of(*store_, enrollment.account());
  FactorRow row = sealed_row({enrollment.account(), enrollment.id(), capture.key, capture.parameters, capture.issuer,
                              capture.label, capture.vendor, capture.source, clock_->now()},
                             *vault_);
  const auto enter = [&row](store::WriteTransaction& transaction, EnrollmentRow& next) {
    if (auto known = known_candidate(transaction, row)) {
      row = std::move(*known);
    } else {
      store::insert_factor(transaction, row);
    }
    next.candidate = row.id;
  };
  const json detail = {{"source", capture.source},
                       {"algorithm", row.parameters.algorithm},
                       {"digits", row.parameters.digits},
                       {"period", row.parameters.period}};
  Commit commit = Commit::kDoubtful;
  try {
    commit = write(enrollment, {.to = State::kSecretDurable, .detail = kept_detail(detail), .name = {}, .also = enter});
  } catch (...) {
    // Whatever kept the database from taking it: the page may show this key only once, so it goes into the escrow file
    // at least.
    rescue(row, account, *vault_);
    throw;
  }
  write_escrow(row, account, *vault_);
  TOTPILOT_FAIL_POINT("secret_durable.after_escrow");
  if (commit == Commit::kDoubtful) {
    throw Failure(Outcome::kStorageFailed, "the disk does not say for certain that the key is kept; no code was sent",
                  "check the disk; the key is in the escrow file too");
  }

  // Through another connection: what it sees was committed, and not what this one believes to have written.
  const auto kept =
      store_->read([&](store::ReadTransaction& transaction) { return store::find_factor(transaction, row.id); });
  if (!kept) throw Failure(Outcome::kStorageFailed, "the captured key is not in the database after its commit");
  DurableFactor factor = FactorReader::open(*kept, *vault_, FactorUse::kEnroll);
  const TimePoint now = clock_->now();
  if (!factor.key_.same_as(capture.key) || !totp::code_at(factor.key_, factor.parameters_, now)
                                                .same_as(totp::code_at(capture.key, capture.parameters, now))) {
    throw Failure(Outcome::kStorageFailed, "the captured key does not come back as it was kept");
  }
  TOTPILOT_FAIL_POINT("secret_durable.after_read_back");
  return factor;
}

void Journal::arm(Enrollment& enrollment, DurableFactor& factor, const WindowReservation& reservation,
                  TimePoint app_time) {
  require_step(enrollment.state(), State::kSubmitArmed);
  if (factor.use_ != FactorUse::kEnroll || factor.id_ != enrollment.row_.candidate ||
      reservation.account() != enrollment.account()) {
    throw Failure(Outcome::kInternal, "an enrollment can be armed with its own newest candidate only");
  }
  const totp::Window& window = reservation.window();
  // A keyed hash of the code, so that a log of the app's can be compared with ours later; of no use to a thief.
  const std::string mark = vault_->fingerprint(totp::code_in(factor.key_, factor.parameters_, window)).substr(0, 16);
  const json detail = {{"candidate", factor.id_.str()},
                       {"window", to_iso(window.start)},
                       {"attempt", enrollment.row_.submits + 1},
                       {"code_mark", mark}};
  const auto spend = [&](store::WriteTransaction& transaction, EnrollmentRow& next) {
    spend_window(transaction, reservation, app_time, next.updated);
    mark_past_return(transaction, enrollment.lease_.job);
    next.armed_window = to_millis(window.start);
    next.submits += 1;
  };
  if (write(enrollment, {.to = State::kSubmitArmed, .detail = kept_detail(detail), .name = {}, .also = spend}) ==
      Commit::kDoubtful) {
    throw Failure(Outcome::kStorageFailed,
                  "the disk does not say for certain that the submission was written down; no code was sent",
                  "check the disk, then totpilot recover ACCOUNT");
  }
  factor.armed_ = true;
}

int Journal::keep_recovery_codes(Enrollment& enrollment, const std::vector<Secret>& codes) {
  const TimePoint now = clock_->now();
  const auto rows = sealed_codes(enrollment.account(), enrollment.row_.candidate, codes, now, *vault_);
  const auto enter = [&](store::WriteTransaction& transaction, EnrollmentRow& next) {
    // A second set of the same enrollment replaces its first one. Those of an earlier factor stay until the app has
    // confirmed this one, and go at once where it already has.
    const bool confirmed =
        next.state == state_name(State::kAppConfirmed) || next.state == state_name(State::kVerifying);
    enter_codes(transaction, rows, confirmed ? kEver : next.created);
    next.codes_mark = "durable";
  };
  const Step step{.to = enrollment.state(),
                  .detail = kept_detail({{"recovery_codes", codes.size()}}),
                  .name = "recovery_codes",
                  .also = enter};
  // The app shows them once: while the disk leaves a doubt, the page is not left.
  if (!write_for_certain(enrollment, step)) {
    throw Failure(Outcome::kStorageFailed, "the disk does not say for certain that the recovery codes are kept",
                  "check the disk, then totpilot recover ACCOUNT");
  }
  verify_codes(rows, codes, *store_, *vault_);
  return static_cast<int>(rows.size());
}

void Journal::mark_codes(Enrollment& enrollment, CodesMark mark) {
  const std::string word = mark == CodesMark::kMissing ? "missing" : "none";
  const auto set = [&](store::WriteTransaction&, EnrollmentRow& next) { next.codes_mark = word; };
  write(
      enrollment,
      {.to = enrollment.state(), .detail = kept_detail({{"recovery_codes", word}}), .name = "codes_mark", .also = set});
}

void Journal::confirm(Enrollment& enrollment, const json& detail) {
  require_step(enrollment.state(), State::kAppConfirmed);
  const auto raise = [&](store::WriteTransaction& transaction, EnrollmentRow& next) {
    const auto factor = store::find_factor(transaction, next.candidate);
    if (!factor) throw Failure(Outcome::kStorageFailed, "the enrollment's candidate is not in the database");
    // A person may have confirmed it in the meantime.
    if (factor->state == FactorState::kCandidate) {
      store::set_factor_state(transaction, factor->id, FactorState::kCandidate, FactorState::kConfirmed, next.updated);
    }
    if (next.codes_mark == "durable") replace_codes(transaction, next.account, kEver, next.created);
  };
  write(enrollment, {.to = State::kAppConfirmed, .detail = kept_detail(detail), .name = {}, .also = raise});
}

void Journal::go_live(Enrollment& enrollment, const DurableFactor& factor, const json& detail) {
  require_step(enrollment.state(), State::kActive);
  // I5: proven with what the vault gave back in a new reading, not with the handle that the capture left behind.
  if (factor.use_ != FactorUse::kSignIn || factor.account_ != enrollment.account()) {
    throw Failure(Outcome::kInternal,
                  "an enrollment goes live only with a factor that was opened to sign in to its account");
  }
  const auto switch_factors = [&](store::WriteTransaction& transaction, EnrollmentRow& next) {
    if (!store::make_factor_live(transaction, factor.id_, next.updated)) {
      throw Failure(Outcome::kInternal, "factor " + factor.id_.str() + " cannot become the live one");
    }
    next.candidate = factor.id_;
    settle_waiting(transaction, enrollment, SafeProof::kOtherFactorWorks);
    // From now on the app knows the codes of this enrollment only, if it has any.
    if (next.codes_mark == "durable" || next.codes_mark == "missing")
      replace_codes(transaction, next.account, kEver, next.created);
  };
  write(enrollment, {.to = State::kActive, .detail = kept_detail(detail), .name = {}, .also = switch_factors});
  prune_escrow(factor.id_, *vault_);
}

}  // namespace totpilot::enrollment
