// enroll: from a login to a factor that a fresh login has proven. See safety.md B; the states are agent/enrollment's.
#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "agent/enrollment/fail_point.h"
#include "agent/flow/codes_mission.h"
#include "agent/flow/enroll_mission.h"
#include "agent/flow/failures.h"
#include "agent/flow/mfa_page.h"
#include "agent/flow/recovering.h"
#include "agent/flow/scene.h"
#include "agent/flow/sign_in_mission.h"
#include "agent/store/store.h"
#include "agent/vault/vault.h"

namespace totpilot::flow {
namespace {

using enrollment::Enrollment;
using enrollment::SafeProof;
using enrollment::State;

constexpr int kAttempts = 2;  // a code that was refused is worth one more setup, with the clocks compared anew

/// Step 0: whatever can be found wrong before the app is touched.
task<std::string> preflight(Scene& scene) {
  const playbook::Playbook& playbook = scene.playbook();
  if (!playbook.enroll) throw Failure(Outcome::kNoPlaybook, "the playbook " + playbook.app + " has no enroll flow");
  if (!vault::has_password(scene.context.account))
    throw Failure(Outcome::kNeedsInput, "the account has no password", "totpilot account set ACCOUNT --password-stdin");
  (void)vault::pins_of(scene.context.account);
  const auto directory = scene.context.store.state_directory();
  const std::uintmax_t free = co_await scene.desk.on_pool([&] { return std::filesystem::space(directory).available; });
  if (free < scene.context.limits.free_disk)
    throw Failure(Outcome::kStorageFailed, fmt::format("only {} MiB are free where secrets are kept", free >> 20U),
                  "free some disk space");
  // A sealed vault would be noticed only when a secret is already on the page.
  (void)co_await scene.desk.on_pool([&] { return scene.context.vault.fingerprint(Secret::zeros(16)); });
  co_return fmt::format("playbook {}", playbook.app);
}

/// safety.md B.2, state 2: an app that replaces a live secret when the page is merely opened.
task<void> refuse_rotation(Scene& scene, EnrollOptions options) {
  if (options.accept_rotate || scene.playbook().facts.pending_secret != playbook::PendingSecret::kRotatedOnOpen)
    co_return;
  const AccountId account = scene.context.account.id;
  const auto [in_use, codes] = co_await scene.desk.on_pool(
      [&] { return std::pair(scene.desk.factors.current(account).has_value(), scene.desk.recovery.unused(account)); });
  if (in_use && codes == 0)
    throw Failure(
        Outcome::kNeedsHuman,
        "a secret of this account is kept as in use, and opening the setup page may replace it at the app",
        "see how it stands (totpilot check ACCOUNT); then totpilot disable ACCOUNT, or enroll with --accept-rotate");
}

void require_off(MfaState state) {
  switch (state) {
    case MfaState::kOff:
      return;
    case MfaState::kOn:
      throw Failure(Outcome::kMfaAlreadyOn, "the app says that MFA is on already");
    case MfaState::kOtherMethod:
      throw Failure(Outcome::kOtherMethodOn, "the app says that another method is on");
    case MfaState::kNotOffered:
      throw Failure(Outcome::kTotpNotOffered, "the app offers no authenticator app to this account");
  }
}

/// The attempt as far as it came; outlives the browser it ran in.
struct Attempt {
  Enrollment enrollment;
  EnrollResult result;
};

task<void> note_codes(Scene& scene, Attempt& attempt, const EnrollMission& mission) {
  attempt.result.recovery_codes = mission.codes_kept();
  if (mission.codes_kept() > 0) co_return;
  const bool offered = scene.playbook().facts.recovery_codes == playbook::RecoveryCodes::kOffered;
  using Mark = enrollment::Journal::CodesMark;
  co_await scene.desk.on_pool(
      [&] { scene.desk.journal.mark_codes(attempt.enrollment, offered ? Mark::kMissing : Mark::kNone); });
  attempt.result.codes_missing = offered;
}

/// The setup's steps. Codes that could not be saved do not undo an MFA that is on.
task<void> walk_setup(Walk& walk, EnrollMission& mission) {
  walk.may_reveal = true;
  try {
    co_await run_steps(walk, walk.playbook.enroll->steps);
  } catch (const Failure& failure) {
    const bool is_on = failure.code() == Outcome::kRecoveryCodesNotSaved && !mission.needs_evidence() &&
                       mission.turns_on_at() == playbook::TurnsOnAt::kSubmitCode;
    if (!is_on) throw;
    walk.failure_told = false;
  }
}

/// The end of the setup: the setting must say that MFA is on.
task<std::string> see_it_on(Walk& walk, EnrollMission& mission) {
  const bool shown = !mission.confirmed() && co_await shows_soon(walk, walk.playbook.mfa.enabled);
  const MfaState state = shown ? MfaState::kOn : co_await open_mfa_page(walk);
  walk.secrets_on_page = false;
  if (state != MfaState::kOn)
    throw Failure(Outcome::kUncertain, fmt::format("the MFA page says {} after the setup", mfa_state_name(state)));
  co_await mission.confirm("the MFA page says on");
  co_return std::string("MFA is on");
}

task<void> set_up(Scene& scene, Attempt& attempt, Walk& login) {
  // A walk of its own over the same browser: from here on the steps speak to the journal.
  EnrollMission mission(scene.desk, scene.playbook(), attempt.enrollment);
  Walk walk{scene.context, scene.desk, scene.tell, login.session, scene.playbook(), mission, scene.numbers};
  co_await scene.desk.on_pool([&] { scene.desk.journal.advance(attempt.enrollment, State::kSetupOpening, {}); });
  co_await walk_setup(walk, mission);
  if (!mission.has_candidate()) throw Failure(Outcome::kPlaybookInvalid, "the enroll flow has no capture_secret");
  attempt.result.factor = mission.candidate();
  attempt.result.source = mission.source();
  Walk* led = &walk;
  EnrollMission* asked = &mission;
  const std::function<task<std::string>()> look = [led, asked] { return see_it_on(*led, *asked); };
  co_await run_own_step(walk, "see that MFA is on", look);
  co_await note_codes(scene, attempt, mission);
}

/// The MFA page while nothing is open yet: is there something to set up?
task<std::string> look_before_setup(Walk& walk, EnrollResult& result) {
  const MfaState state = co_await open_mfa_page(walk);
  result.already_on = state == MfaState::kOn && walk.mission.code_was_asked();
  if (result.already_on) co_return std::string("MFA is on, and the secret kept here signs in");
  require_off(state);
  // Now: a clock that cannot be corrected must stop us here.
  co_await walk.desk.measure_skew(walk.page(), walk.step_time().fresh());
  co_return std::string("MFA is off");
}

task<void> look_and_set_up(Walk& walk, Scene& scene, Attempt& attempt, EnrollOptions options) {
  co_await sign_in(walk);
  TOTPILOT_FAIL_POINT("authenticating.after_effect");
  EnrollResult& result = attempt.result;
  const std::function<task<std::string>()> look = [&walk, &result] { return look_before_setup(walk, result); };
  co_await run_own_step(walk, "look at the MFA page", look);
  if (result.already_on) co_return;
  co_await refuse_rotation(scene, options);
  co_await set_up(scene, attempt, walk);
}

task<void> sign_in_and_set_up(Scene& scene, Attempt& attempt, EnrollOptions options) {
  co_await scene.desk.on_pool([&] { scene.desk.journal.advance(attempt.enrollment, State::kAuthenticating, {}); });
  SignInMission sign_in_mission(scene.desk, scene.playbook());
  const std::function<task<void>(Walk&)> body = [&scene, &attempt, options](Walk& walk) {
    return look_and_set_up(walk, scene, attempt, options);
  };
  co_await in_fresh_browser(scene, scene.playbook(), sign_in_mission, body);
  if (attempt.result.already_on) attempt.result.factor = sign_in_mission.factor_used();
}

task<void> prove_attempt(Scene& scene, Attempt& attempt) {
  co_await scene.desk.on_pool([&] { scene.desk.journal.advance(attempt.enrollment, State::kVerifying, {}); });
  co_await prove_factor(scene, scene.playbook(), attempt.result.factor);
  const nlohmann::json detail = {{"proof", "a fresh login took a code made from what the vault gave back"}};
  co_await scene.desk.on_pool([&] {
    scene.desk.journal.go_live(attempt.enrollment,
                               scene.desk.factors.open(scene.desk.factors.get(attempt.result.factor)), detail);
  });
}

/// MFA is on with the kept secret, and the login just now has proven it. The attempt ends as one that opened nothing.
task<void> leave_as_it_is(Scene& scene, Attempt& attempt) {
  EnrollResult& result = attempt.result;
  co_await scene.desk.on_pool([&] {
    scene.desk.journal.fail_safe(attempt.enrollment, SafeProof::kNothingOpened,
                                 {{"mfa", "on already, with a kept secret"}, {"factor", result.factor.str()}});
    const store::FactorRow row = scene.desk.factors.get(result.factor);
    if (row.state != store::FactorState::kLive)
      scene.desk.factors.mark_live(scene.desk.factors.open(row), scene.desk.lease());
    result.enrollment = row.enrollment;
    result.source = row.source;
    result.recovery_codes = scene.desk.recovery.unused(scene.context.account.id);
    result.codes_missing = scene.desk.codes_are_lost();
  });
}

/// What the record says about an attempt that was settled by a probe.
EnrollResult result_of(Scene& scene, const Settled& settled) {
  EnrollResult result;
  result.enrollment = settled.enrollment;
  for (const store::EnrollmentRow& row : scene.desk.journal.list(scene.context.account.id)) {
    if (row.id != settled.enrollment) continue;
    result.factor = row.candidate;
    result.source = scene.desk.factors.get(row.candidate).source;
    result.codes_missing = row.codes_mark == "missing";
    if (row.codes_mark == "durable") result.recovery_codes = scene.desk.recovery.unused(scene.context.account.id);
  }
  return result;
}

struct AfterFailure {
  std::optional<EnrollResult> result;  // the probe found MFA on and proved it
  bool failed_safe = false;
};

/// Has the setup been opened, so that only a probe can tell?
bool was_opened(State state) { return enrollment::cancel_rule(state) != enrollment::CancelRule::kFreely; }

/// The attempt broke off: asks the app at once how it stands. What cannot be settled now stays for `recover`.
task<AfterFailure> settle_after(Scene& scene, const Failure& failure, State reached) {
  AfterFailure after;
  // Asking needs a job that may go on, and an app that lets us in.
  const bool may_not = failure.code() == Outcome::kCancelled || failure.code() == Outcome::kBusy ||
                       failure.code() == Outcome::kStorageFailed;
  const bool kept_out = failure.code() == Outcome::kCaptcha || failure.code() == Outcome::kLockedOut ||
                        failure.code() == Outcome::kRateLimited;
  if (may_not || (kept_out && was_opened(reached))) co_return after;
  const std::vector<Settled> all = co_await settle_all(scene, Whose::kThisRuns);
  for (const Settled& one : all) {
    if (one.to_state == state_name(State::kActive))
      after.result = co_await scene.desk.on_pool([&] { return result_of(scene, one); });
    if (one.to_state == state_name(State::kFailedSafe)) after.failed_safe = true;
  }
  co_return after;
}

/// MFA may be on, and it is not known: that is what the caller must hear first.
Failure left_open(const Failure& failure, State state) {
  if (!enrollment::may_have_turned_on(state) || failure.code() == Outcome::kCancelled) return failure;
  const Outcome code =
      state == State::kVerifying || state == State::kAppConfirmed ? Outcome::kProofFailed : Outcome::kUncertain;
  Failure open(code, fmt::format("{} (MFA may be on; every secret that was captured is kept)", failure.message()),
               "totpilot recover ACCOUNT");
  return failure.position() ? std::move(open).at(*failure.position()) : open;
}

task<std::optional<EnrollResult>> attempt_once(Scene& scene, EnrollOptions options, bool last) {
  const enrollment::Plan plan{scene.context.account.id, scene.desk.lease(), scene.playbook().hash,
                              scene.playbook().text};
  Attempt attempt{co_await scene.desk.on_pool([&] { return scene.desk.journal.begin(plan); }), {}};
  attempt.result.enrollment = attempt.enrollment.id();
  std::exception_ptr error;
  try {
    co_await sign_in_and_set_up(scene, attempt, options);
    if (attempt.result.already_on) {
      co_await leave_as_it_is(scene, attempt);
    } else {
      co_await prove_attempt(scene, attempt);
    }
  } catch (...) {
    error = std::current_exception();
  }
  if (!error) co_return std::move(attempt.result);

  co_await boost::asio::this_coro::reset_cancellation_state();
  const Failure failure = as_failure(error);
  const State reached = attempt.enrollment.state();
  AfterFailure after;
  try {
    after = co_await settle_after(scene, failure, reached);
  } catch (const Failure& unsettled) {
    scene.remark("it could not be settled at once: " + unsettled.message());
  }
  if (after.result) {
    scene.remark("the setup broke off, but MFA is on and the kept secret is proven");
    co_return std::move(after.result);
  }
  if (!after.failed_safe) throw left_open(failure, reached);
  if (failure.code() != Outcome::kCodeRejected || !was_opened(reached) || last)
    std::rethrow_exception(std::make_exception_ptr(failure));
  scene.remark("the app refused the code and MFA is off: setting it up once more");
  co_return std::nullopt;
}

/// Codes that were lost on the way are made anew where the playbook knows how.
task<EnrollResult> with_codes(Scene& scene, EnrollResult result) {
  if (!result.codes_missing) co_return result;
  result.recovery_codes = co_await replace_lost_codes(scene);
  result.codes_missing = result.recovery_codes == 0;
  co_return result;
}

/// What an interrupted run had come to, where the probe has proven it: this run's result, too.
task<std::optional<EnrollResult>> finished_by(Scene& scene, std::vector<Settled> settled) {
  const auto active = std::ranges::find(settled, state_name(State::kActive), &Settled::to_state);
  if (active == settled.end()) co_return std::nullopt;
  scene.remark("the interrupted setup had turned MFA on, and its secret is proven");
  co_return co_await scene.desk.on_pool([&] { return result_of(scene, *active); });
}

task<EnrollResult> enroll_in(Scene& scene, EnrollOptions options) {
  const std::function<task<std::string>()> first = [&scene] { return preflight(scene); };
  co_await scene.own_step("look before starting", first);
  std::optional<EnrollResult> result = co_await finished_by(scene, co_await settle_first(scene));
  for (int attempt = 1; !result; ++attempt) result = co_await attempt_once(scene, options, attempt == kAttempts);
  co_return co_await with_codes(scene, std::move(*result));
}

}  // namespace

task<EnrollResult> enroll(FlowContext& context, EnrollOptions options) {
  const std::function<task<EnrollResult>(Scene&)> body = [options](Scene& scene) { return enroll_in(scene, options); };
  co_return co_await run_flow(context, "enroll", body);
}

}  // namespace totpilot::flow
