#include "agent/enrollment/journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "agent/base/failure.h"
#include "agent/base/log.h"
#include "agent/enrollment/fail_point.h"
#include "agent/enrollment/journal_step.h"
#include "agent/enrollment/recovery_keeping.h"
#include "agent/store/enrollments.h"
#include "agent/store/factors.h"
#include "agent/store/jobs.h"
#include "agent/store/store.h"

namespace totpilot::enrollment {
namespace {

using store::EnrollmentRow;

[[noreturn]] void overtaken(const EnrollmentRow& row) {
  throw Failure(Outcome::kBusy, fmt::format("enrollment {} was taken over by another job", row.id.str()),
                "the other job goes on with it");
}

/// A worker that lost its job writes nothing, even before the enrollment is claimed by its successor.
void require_ours(store::ReadTransaction& transaction, const Lease& lease, const EnrollmentRow& row) {
  if (is_overtaken(transaction, lease)) overtaken(row);
}

/// The enrollment's own candidates are kept, and tried last from now on: it is proven that the app does not use them.
void set_candidates_aside(store::WriteTransaction& transaction, const EnrollmentRow& enrollment, TimePoint at) {
  for (const store::FactorRow& factor : store::list_factors(transaction, enrollment.account)) {
    if (factor.enrollment != enrollment.id) continue;
    if (factor.state == store::FactorState::kCandidate || factor.state == store::FactorState::kConfirmed)
      store::set_factor_state(transaction, factor.id, factor.state, store::FactorState::kSuperseded, at);
  }
}

bool waits_for_nobody(State state) { return state != State::kNeedsHuman; }

void pass(const std::string& name, std::string_view moment) {
#ifdef TOTPILOT_TESTING
  pass_fail_point(name + "." + std::string(moment));
#else
  static_cast<void>(name);
  static_cast<void>(moment);
#endif
}

std::vector<std::string_view> names_where(bool (*predicate)(State)) {
  std::vector<std::string_view> names;
  for (const State state : all_states()) {
    if (predicate(state)) names.push_back(state_name(state));
  }
  return names;
}

bool needs_no_recovery(State state) { return !wants_recovery(state); }

/// I7: a COMMIT that fails may have happened. Only this writer can have made seq + 1 in its generation.
bool has_happened(store::Store& store, const EnrollmentRow& next) {
  const auto row =
      store.read([&](store::ReadTransaction& transaction) { return store::find_enrollment(transaction, next.id); });
  return row && row->seq == next.seq && row->state == next.state && row->lease_generation == next.lease_generation &&
         row->job == next.job;
}

constexpr std::array kOwnFunction = {State::kPlanned, State::kSecretDurable, State::kSubmitArmed, State::kAppConfirmed,
                                     State::kActive,  State::kFailedSafe,    State::kCancelled};

}  // namespace

std::string_view safe_proof_name(SafeProof proof) {
  switch (proof) {
    case SafeProof::kNothingOpened:
      return "nothing_opened";
    case SafeProof::kMfaOff:
      return "mfa_off";
    case SafeProof::kOldFactorWorks:
      return "old_factor_works";
    case SafeProof::kOtherFactorWorks:
      return "other_factor_works";
  }
  return "nothing_opened";
}

std::string kept_detail(const nlohmann::json& detail) {
  if (detail.is_null()) return "{}";
  if (!detail.is_object())
    throw Failure(Outcome::kInternal, "the detail of an enrollment's event must be a JSON object");
  return detail.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

State state_of(const EnrollmentRow& row) {
  const auto state = state_from_name(row.state);
  if (!state) throw Failure(Outcome::kStorageFailed, "enrollment " + row.id.str() + " has a state that is not known");
  return *state;
}

Enrollment Journal::begin(const Plan& plan) {
  const TimePoint now = clock_->now();
  EnrollmentRow row;
  row.id = EnrollmentId::make(now);
  row.account = plan.account;
  row.job = plan.lease.job;
  row.state = state_name(State::kPlanned);
  row.lease_generation = 1;
  row.playbook_hash = plan.playbook_hash;
  row.playbook_text = plan.playbook_text;
  row.evidence = "{}";
  row.created = now;
  row.updated = now;
  const auto settled = names_where(needs_no_recovery);
  try {
    store_->write([&](store::WriteTransaction& transaction) {
      require_ours(transaction, plan.lease, row);
      const auto open = store::list_unsettled_enrollments(transaction, plan.account, settled);
      if (!open.empty()) {
        throw Failure(
            Outcome::kBusy,
            fmt::format("enrollment {} of this account is not settled ({})", open.front().id.str(), open.front().state),
            "totpilot recover ACCOUNT");
      }
      store::insert_enrollment(transaction, row, fmt::format(R"({{"playbook":"{}"}})", plan.playbook_hash));
      TOTPILOT_FAIL_POINT("planned.before_commit");
    });
  } catch (const store::DoubtfulCommit&) {
    if (!has_happened(*store_, row)) throw;
  }
  TOTPILOT_FAIL_POINT("planned.after_commit");
  return {std::move(row), State::kPlanned, plan.lease};
}

Journal::Commit Journal::write(Enrollment& enrollment, Step step) {
  const store::EnrollmentFence fence = store::fence_of(enrollment.row_);
  const std::string name = step.name.empty() ? std::string(state_name(step.to)) : step.name;
  EnrollmentRow next = enrollment.row_;
  next.state = state_name(step.to);
  next.seq = fence.seq + 1;
  next.updated = clock_->now();
  if (step.detail != "{}") next.evidence = step.detail;
  Commit commit = Commit::kCertain;
  try {
    store_->write([&](store::WriteTransaction& transaction) {
      require_ours(transaction, enrollment.lease_, enrollment.row_);
      if (step.also) step.also(transaction, next);
      if (store::advance_enrollment(transaction, fence, next, step.detail) != 1) overtaken(enrollment.row_);
      pass(name, "before_commit");
    });
  } catch (const store::DoubtfulCommit&) {
    if (!has_happened(*store_, next)) throw;
    log::warn("enrollment {}: the commit of {} was reported as failed, and has happened", next.id.str(), next.state);
    commit = Commit::kDoubtful;
  }
  enrollment.row_ = std::move(next);
  enrollment.state_ = step.to;
  pass(name, "after_commit");
  return commit;
}

bool Journal::write_for_certain(Enrollment& enrollment, const Step& step) {
  try {
    if (write(enrollment, step) == Commit::kCertain) return true;
  } catch (const store::DoubtfulCommit&) {
    log::warn("enrollment {}: a commit failed and has not happened; it is tried once more", enrollment.id().str());
  }
  return write(enrollment, step) == Commit::kCertain;
}

void Journal::advance(Enrollment& enrollment, State to, const nlohmann::json& detail) {
  if (std::ranges::find(kOwnFunction, to) != kOwnFunction.end() || !may_follow(enrollment.state_, to)) {
    throw Failure(Outcome::kInternal, fmt::format("an enrollment cannot go from {} to {} like this",
                                                  state_name(enrollment.state_), state_name(to)));
  }
  write(enrollment, {.to = to, .detail = kept_detail(detail), .name = {}, .also = {}});
}

void Journal::end_safely(Enrollment& enrollment, State to, SafeProof proof, const nlohmann::json& detail) {
  const bool nothing_opened = cancel_rule(enrollment.state_) == CancelRule::kFreely;
  if (!may_follow(enrollment.state_, to) || (proof == SafeProof::kNothingOpened && !nothing_opened)) {
    throw Failure(Outcome::kInternal,
                  fmt::format("an enrollment in {} does not end as {} by {}", state_name(enrollment.state_),
                              state_name(to), safe_proof_name(proof)));
  }
  nlohmann::json told = detail.is_null() ? nlohmann::json::object() : detail;
  if (told.is_object()) told["proof"] = safe_proof_name(proof);
  const auto set_aside = [this, &enrollment, proof](store::WriteTransaction& transaction, EnrollmentRow& next) {
    // Recovery codes of an MFA that is off open nothing. (With the old factor at work they may: some apps draw them
    // apart from it.)
    if (proof == SafeProof::kMfaOff) replace_codes(transaction, next.account, next.created, TimePoint::max());
    set_candidates_aside(transaction, next, next.updated);
    if (proof != SafeProof::kNothingOpened) settle_waiting(transaction, enrollment, proof);
  };
  write(enrollment, {.to = to, .detail = kept_detail(told), .name = {}, .also = set_aside});
}

void Journal::settle_waiting(store::WriteTransaction& transaction, const Enrollment& by, SafeProof proof) const {
  const nlohmann::json detail = {{"proof", safe_proof_name(proof)}, {"proven_by", by.id().str()}};
  const auto others = names_where(waits_for_nobody);
  for (const EnrollmentRow& row : store::list_unsettled_enrollments(transaction, by.account(), others)) {
    if (row.id == by.id()) continue;
    EnrollmentRow next = row;
    next.state = state_name(State::kFailedSafe);
    next.seq = row.seq + 1;
    next.updated = clock_->now();
    next.evidence = kept_detail(detail);
    // The transaction sees the row that it changes, so nobody can come between.
    if (store::advance_enrollment(transaction, store::fence_of(row), next, next.evidence) != 1) overtaken(row);
    set_candidates_aside(transaction, next, next.updated);
  }
}

void Journal::fail_safe(Enrollment& enrollment, SafeProof proof, const nlohmann::json& detail) {
  end_safely(enrollment, State::kFailedSafe, proof, detail);
}

void Journal::cancel(Enrollment& enrollment, std::optional<SafeProof> proof, const nlohmann::json& detail) {
  const CancelRule rule = cancel_rule(enrollment.state_);
  if (rule == CancelRule::kNever || (rule == CancelRule::kAfterProof && !proof)) {
    throw Failure(Outcome::kInvalidInput,
                  fmt::format("an enrollment in {} cannot be cancelled{}", state_name(enrollment.state_),
                              rule == CancelRule::kNever ? "" : " before the app was asked whether it has changed"),
                  "totpilot recover ACCOUNT");
  }
  end_safely(enrollment, State::kCancelled, proof.value_or(SafeProof::kNothingOpened), detail);
}

Enrollment Journal::adopt(const EnrollmentId& id, const Lease& lease) {
  const TimePoint now = clock_->now();
  EnrollmentRow row = store_->write([&](store::WriteTransaction& transaction) {
    auto found = store::find_enrollment(transaction, id);
    if (!found) throw Failure(Outcome::kNotFound, "there is no enrollment " + id.str());
    require_ours(transaction, lease, *found);
    if (store::adopt_enrollment(transaction, store::fence_of(*found), found->lease_generation + 1, lease.job, now) != 1)
      overtaken(*found);
    TOTPILOT_FAIL_POINT("claim.before_commit");
    return std::move(*store::find_enrollment(transaction, id));
  });
  TOTPILOT_FAIL_POINT("claim.after_commit");
  const State state = state_of(row);
  return {std::move(row), state, lease};
}

std::vector<Enrollment> Journal::open_enrollments(const AccountId& account, const Lease& lease) {
  const auto settled = names_where(needs_no_recovery);
  const auto rows = store_->read([&](store::ReadTransaction& transaction) {
    return store::list_unsettled_enrollments(transaction, account, settled);
  });
  std::vector<Enrollment> open;
  for (const EnrollmentRow& row : rows) open.push_back(adopt(row.id, lease));
  return open;
}

Enrollment Journal::claim(const EnrollmentId& id, const Lease& lease) { return adopt(id, lease); }

std::vector<EnrollmentRow> Journal::list(const AccountId& account) const {
  auto rows = store_->read(
      [&](store::ReadTransaction& transaction) { return store::list_unsettled_enrollments(transaction, account, {}); });
  std::ranges::reverse(rows);
  return rows;
}

std::vector<store::EnrollmentEventRow> Journal::events(const EnrollmentId& id) const {
  return store_->read(
      [&](store::ReadTransaction& transaction) { return store::list_enrollment_events(transaction, id); });
}

}  // namespace totpilot::enrollment
