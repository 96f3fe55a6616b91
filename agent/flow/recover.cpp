#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "agent/enrollment/fail_point.h"
#include "agent/flow/codes_mission.h"
#include "agent/flow/failures.h"
#include "agent/flow/mfa_page.h"
#include "agent/flow/recovering.h"
#include "agent/flow/sign_in_mission.h"

namespace totpilot::flow {
namespace {

using enrollment::Enrollment;
using enrollment::SafeProof;
using enrollment::State;
using namespace std::chrono_literals;

constexpr auto kSkewWorthARetry = 5s;

/// What one sign-in during a probe showed.
struct Seen {
  bool code_asked = false;
  bool code_taken = false;
  std::optional<MfaState> page;  // where no code was asked
};

/// The playbook that the enrollment was begun with; the account's present one where that text cannot be read any more.
std::shared_ptr<const playbook::Playbook> playbook_of(Scene& scene, const Enrollment& enrollment) {
  const store::EnrollmentRow& row = enrollment.row();
  const auto& present = scene.context.playbook;
  if (present && present->hash == row.playbook_hash) return present;
  try {
    return scene.context.read_playbook(row.playbook_text, "the playbook kept with " + row.id.str());
  } catch (const Failure& failure) {
    if (!present) throw;
    scene.remark("the playbook kept with the enrollment cannot be read any more; going by the present one: " +
                 failure.message());
    return present;
  }
}

/// A probe's mission without a factor: being asked is itself the answer.
class AskedMission final : public Mission {
 public:
  using Mission::Mission;
  task<enrollment::DurableFactor*> sign_in_factor() override {
    throw Failure(Outcome::kNeedsInput, "the app asks for a code, and there is no secret to try");
    co_return nullptr;
  }
};

task<std::string> see_mfa_state(Walk& walk, Seen& seen) {
  seen.page = co_await open_mfa_page(walk);
  co_return fmt::format("MFA is {}", mfa_state_name(*seen.page));
}

/// The sign-in is the answer where it takes a code; else the MFA page is.
task<void> sign_in_and_see(Walk& walk, Seen& seen) {
  co_await sign_in(walk);
  if (walk.mission.code_was_asked()) {
    seen.code_taken = true;
    co_return;
  }
  const std::function<task<std::string>()> page = [&walk, &seen] { return see_mfa_state(walk, seen); };
  co_await run_own_step(walk, "look at the MFA page", page);
}

task<Seen> look(Scene& scene, const playbook::Playbook& playbook, Mission& mission) {
  Seen seen;
  const std::function<task<void>(Walk&)> body = [&seen](Walk& walk) { return sign_in_and_see(walk, seen); };
  std::exception_ptr error;
  try {
    co_await in_fresh_browser(scene, playbook, mission, body);
  } catch (const Failure& failure) {
    const bool answer = mission.code_was_asked() && !seen.code_taken &&
                        (failure.code() == Outcome::kCodeRejected || failure.code() == Outcome::kNeedsInput);
    if (!answer) throw;
  }
  seen.code_asked = mission.code_was_asked();
  co_return seen;
}

task<Seen> look_with(Scene& scene, const playbook::Playbook& playbook, const store::FactorRow& factor) {
  scene.remark(fmt::format("trying {} ({})", factor.id.str(), store::factor_state_name(factor.state)));
  SignInMission mission(scene.desk, playbook,
                        co_await scene.desk.on_pool([&] { return scene.desk.factors.open(factor); }),
                        AfterRefusal::kGiveUp);
  co_return co_await look(scene, playbook, mission);
}

/// Does a code of this factor prove the enrollment, or that the app is as it was before?
bool was_in_use_before(const store::FactorRow& factor, const Enrollment& enrollment) {
  return factor.enrollment != enrollment.id() &&
         (factor.state == store::FactorState::kLive || factor.state == store::FactorState::kSuperseded);
}

task<void> to_active(Scene& scene, Enrollment& enrollment, const playbook::Playbook& playbook,
                     const store::FactorRow& factor) {
  const nlohmann::json detail = {{"probe", "a code of this factor was taken"}, {"factor", factor.id.str()}};
  co_await scene.desk.on_pool([&] {
    auto& journal = scene.desk.journal;
    if (enrollment.state() != State::kVerifying) {
      if (enrollment::may_follow(enrollment.state(), State::kVerifying)) {
        journal.advance(enrollment, State::kVerifying, detail);
      } else {
        journal.advance(enrollment, State::kUncertain, detail);
        journal.advance(enrollment, State::kVerifying, detail);
      }
    }
    const bool offers_codes = playbook.facts.recovery_codes == playbook::RecoveryCodes::kOffered;
    if (enrollment.row().codes_mark.empty())
      journal.mark_codes(
          enrollment, offers_codes ? enrollment::Journal::CodesMark::kMissing : enrollment::Journal::CodesMark::kNone);
    journal.go_live(enrollment, scene.desk.factors.open(factor), detail);
  });
}

/// `proof` holds from any state once it is said that only a probe could tell.
task<void> to_failed_safe(Scene& scene, Enrollment& enrollment, SafeProof proof, nlohmann::json detail) {
  co_await scene.desk.on_pool([&] {
    if (!enrollment::may_follow(enrollment.state(), State::kFailedSafe))
      scene.desk.journal.advance(enrollment, State::kUncertain, detail);
    scene.desk.journal.fail_safe(enrollment, proof, detail);
  });
}

task<void> to_needs_human(Scene& scene, Enrollment& enrollment, std::string why) {
  const nlohmann::json detail = {{"probe", why}};
  co_await scene.desk.on_pool([&] {
    if (!enrollment::may_follow(enrollment.state(), State::kNeedsHuman))
      scene.desk.journal.advance(enrollment, State::kUncertain, detail);
    scene.desk.journal.advance(enrollment, State::kNeedsHuman, detail);
  });
}

/// (a) of B.3: no code was asked.
task<std::string> settle_without_code(Scene& scene, Enrollment& enrollment, Seen seen) {
  const nlohmann::json detail = {
      {"probe", fmt::format("no code was asked; the MFA page says {}", mfa_state_name(*seen.page))}};
  if (*seen.page == MfaState::kOff) {
    co_await to_failed_safe(scene, enrollment, SafeProof::kMfaOff, detail);
    co_return std::string("MFA is off; a new attempt is safe");
  }
  co_await to_needs_human(scene, enrollment, detail["probe"].get<std::string>());
  co_return fmt::format("a fresh login is asked for no code, yet the MFA page says {}", mfa_state_name(*seen.page));
}

/// Whose codes the app refused so far, and by which difference of the clocks they were made. Kept as the enrollment's
/// evidence: the budget of refusals ends a probe of many secrets, and the next one must not begin with the same.
struct Refusals {
  std::chrono::milliseconds skew{0};
  std::vector<std::string> factors;

  bool has(const FactorId& factor) const { return std::ranges::find(factors, factor.str()) != factors.end(); }
};

Refusals refusals_of(const Enrollment& enrollment, std::chrono::milliseconds skew) {
  Refusals refusals{skew, {}};
  const auto kept = nlohmann::json::parse(enrollment.row().evidence, nullptr, false);
  if (!kept.is_object() || !kept.contains("refused")) return refusals;
  // By another clock each may be taken.
  if (std::chrono::abs(skew - std::chrono::milliseconds(kept.value("skew_ms", 0))) > kSkewWorthARetry) return refusals;
  kept["refused"].get_to(refusals.factors);
  return refusals;
}

task<void> note_refused(Scene& scene, Enrollment& enrollment, Refusals& refusals, const FactorId& factor) {
  refusals.factors.push_back(factor.str());
  const nlohmann::json detail = {{"probe", "the app refused a code of each of these"},
                                 {"refused", refusals.factors},
                                 {"skew_ms", refusals.skew.count()}};
  co_await scene.desk.on_pool([&] { scene.desk.journal.advance(enrollment, State::kUncertain, detail); });
}

/// (b) and (c): tries what is kept and was not refused yet, newest first; each in a fresh window and a fresh browser.
/// Empty text: all were refused.
task<std::string> try_factors(Scene& scene, Enrollment& enrollment, const playbook::Playbook& playbook,
                              std::vector<store::FactorRow> order, Refusals refusals) {
  for (const store::FactorRow& factor : order) {
    if (refusals.has(factor.id)) continue;
    const Seen seen = co_await look_with(scene, playbook, factor);
    if (!seen.code_asked) co_return co_await settle_without_code(scene, enrollment, seen);
    if (!seen.code_taken) {
      co_await note_refused(scene, enrollment, refusals, factor.id);
      continue;
    }
    if (was_in_use_before(factor, enrollment)) {
      co_await scene.desk.on_pool(
          [&] { scene.desk.factors.mark_live(scene.desk.factors.open(factor), scene.desk.lease()); });
      co_await to_failed_safe(scene, enrollment, SafeProof::kOldFactorWorks, {{"factor", factor.id.str()}});
      co_return std::string("the secret that was in use before still works");
    }
    co_await to_active(scene, enrollment, playbook, factor);
    co_return std::string("MFA is on, and the kept secret works");
  }
  co_return std::string();
}

task<std::string> probe(Scene& scene, Enrollment& enrollment) {
  const std::shared_ptr<const playbook::Playbook> playbook = playbook_of(scene, enrollment);
  const AccountId account = scene.context.account.id;
  const std::vector<store::FactorRow> order =
      co_await scene.desk.on_pool([&] { return scene.desk.factors.probe_order(account); });
  if (order.empty()) {
    AskedMission mission(scene.desk);
    const Seen seen = co_await look(scene, *playbook, mission);
    if (!seen.code_asked) co_return co_await settle_without_code(scene, enrollment, seen);
    co_await to_needs_human(scene, enrollment, "the app asks for a code, and no secret was captured");
    co_return std::string("the app asks for a code, and no secret was captured");
  }
  const auto skew_before = scene.desk.known_skew();
  std::string settled = co_await try_factors(scene, enrollment, *playbook, order, refusals_of(enrollment, skew_before));
  if (!settled.empty()) co_return settled;
  const auto skew_after = scene.desk.known_skew();
  if (std::chrono::abs(skew_after - skew_before) > kSkewWorthARetry) {
    scene.remark("the clocks differed more than was known; trying once more with the corrected time");
    settled = co_await try_factors(scene, enrollment, *playbook, order, Refusals{skew_after, {}});
    if (!settled.empty()) co_return settled;
  }
  co_await to_needs_human(scene, enrollment, "every kept secret was refused");
  co_return fmt::format("the app refused a code of each of the {} kept secrets", order.size());
}

task<Settled> settle_one(Scene& scene, Enrollment& enrollment, Whose whose) {
  Settled settled{enrollment.id(), std::string(state_name(enrollment.state())), {}, Outcome::kOk, {}};
  const bool untouched = enrollment::cancel_rule(enrollment.state()) == enrollment::CancelRule::kFreely;
  if (!untouched)
    scene.remark(fmt::format("{} {}; asking the app how it stands",
                             whose == Whose::kThisRuns ? "the setup broke off in" : "an enrollment was cut off in",
                             settled.from_state));
  std::exception_ptr error;
  try {
    if (untouched) {
      co_await scene.desk.on_pool([&] { scene.desk.journal.fail_safe(enrollment, SafeProof::kNothingOpened, {}); });
      settled.message = "nothing had been changed at the app";
    } else {
      settled.message = co_await probe(scene, enrollment);
    }
  } catch (...) {
    error = std::current_exception();
  }
  if (error) {
    // (d): it stays open. Only what our own store refuses goes further up.
    const Failure failure = as_failure(error);
    if (failure.code() == Outcome::kBusy || failure.code() == Outcome::kStorageFailed ||
        failure.code() == Outcome::kCancelled || failure.code() == Outcome::kInternal)
      std::rethrow_exception(error);
    const nlohmann::json detail = {{"probe", outcome_name(failure.code())}};
    if (enrollment::wants_recovery(enrollment.state()) && enrollment.state() != State::kUncertain &&
        enrollment::may_follow(enrollment.state(), State::kUncertain))
      co_await scene.desk.on_pool([&] { scene.desk.journal.advance(enrollment, State::kUncertain, detail); });
    settled.outcome = failure.code();
    settled.message = failure.message();
  }
  if (enrollment.state() == State::kNeedsHuman) settled.outcome = Outcome::kNeedsHuman;
  settled.to_state = state_name(enrollment.state());
  if (!untouched) {
    scene.remark(fmt::format("{}: {}", settled.to_state, settled.message));
  } else {
    scene.remark(settled.message);
  }
  co_return settled;
}

task<std::vector<Settled>> settle_each(Scene& scene, std::vector<Enrollment> open, Whose whose) {
  std::vector<Settled> all;
  all.reserve(open.size());
  for (Enrollment& enrollment : open) all.push_back(co_await settle_one(scene, enrollment, whose));
  co_return all;
}

/// For a person who asks: also the newest one that waits for a person, whatever came after it.
task<std::vector<Settled>> settle_asked(Scene& scene) {
  std::vector<Enrollment> open = co_await scene.desk.on_pool([&] {
    auto& journal = scene.desk.journal;
    auto found = journal.open_enrollments(scene.context.account.id, scene.desk.lease());
    if (!found.empty()) return found;
    const auto rows = journal.list(scene.context.account.id);
    const auto waits = std::ranges::find(rows, state_name(State::kNeedsHuman), &store::EnrollmentRow::state);
    if (waits != rows.end()) found.push_back(journal.claim(waits->id, scene.desk.lease()));
    return found;
  });
  co_return co_await settle_each(scene, std::move(open), Whose::kEarlierRuns);
}

bool is_settled(const Settled& one) {
  return one.to_state == state_name(State::kActive) || one.to_state == state_name(State::kFailedSafe);
}

/// Codes that a crash kept from being saved are made anew, whichever run found that MFA is on.
task<void> replace_codes_of(Scene& scene, std::vector<Settled> all) {
  if (!scene.context.playbook || !std::ranges::all_of(all, is_settled)) co_return;
  const bool lost = co_await scene.desk.on_pool([&] { return scene.desk.codes_are_lost(); });
  if (!lost) co_return;
  const int made = co_await replace_lost_codes(scene);
  if (made > 0) scene.remark(fmt::format("{} new recovery codes are kept", made));
}

}  // namespace

task<std::vector<Settled>> settle_all(Scene& scene, Whose whose) {
  std::vector<Enrollment> open = co_await scene.desk.on_pool(
      [&] { return scene.desk.journal.open_enrollments(scene.context.account.id, scene.desk.lease()); });
  co_return co_await settle_each(scene, std::move(open), whose);
}

task<std::vector<Settled>> settle_first(Scene& scene) {
  std::vector<Settled> all = co_await settle_all(scene, Whose::kEarlierRuns);
  for (const Settled& one : all) {
    if (one.to_state != state_name(State::kUncertain) && one.to_state != state_name(State::kVerifying)) continue;
    const std::string message = fmt::format("an earlier enrollment is not settled yet: {}", one.message);
    // What stood in the way says more than "uncertain" where a person can do something about it.
    throw Failure(one.outcome == Outcome::kOk ? Outcome::kUncertain : one.outcome, message);
  }
  co_return all;
}

task<RecoverResult> recover(FlowContext& context) {
  const std::function<task<RecoverResult>(Scene&)> body = [](Scene& scene) -> task<RecoverResult> {
    RecoverResult result{co_await settle_asked(scene)};
    co_await replace_codes_of(scene, result.settled);
    co_return result;
  };
  co_return co_await run_flow(context, "recover", body);
}

}  // namespace totpilot::flow
