// login, check and prove: the flows that sign in and change nothing.
#include <fmt/format.h>

#include "agent/enrollment/fail_point.h"
#include "agent/flow/codes_mission.h"
#include "agent/flow/mfa_page.h"
#include "agent/flow/recovering.h"
#include "agent/flow/scene.h"
#include "agent/flow/sign_in_mission.h"

namespace totpilot::flow {
namespace {

task<std::string> take_session(Walk& walk, LoginResult& result) {
  result.state = co_await walk.session.export_state(walk.step_time().fresh());
  co_return std::string();
}

task<void> sign_in_and_take(Walk& walk, LoginResult& result) {
  co_await sign_in(walk);
  const std::function<task<std::string>()> take = [&walk, &result] { return take_session(walk, result); };
  co_await run_own_step(walk, "take the session", take);
}

task<LoginResult> login_in(Scene& scene, LoginOptions options) {
  const playbook::Playbook& playbook = scene.playbook();
  if (options.settle_first == SettleFirst::kYes) {
    co_await settle_first(scene);
    co_await warn_of_lost_codes(scene);
  }
  SignInMission mission(scene.desk, playbook);
  LoginResult result;
  const std::function<task<void>(Walk&)> body = [&result](Walk& walk) { return sign_in_and_take(walk, result); };
  co_await in_fresh_browser(scene, playbook, mission, body);
  result.code_asked = mission.code_was_asked();
  result.factor = mission.factor_used();
  result.skew = scene.desk.skew();
  co_return result;
}

task<std::string> measure_and_look(Walk& walk, CheckResult& result) {
  co_await walk.desk.measure_skew(walk.page(), walk.step_time().fresh());
  result.mfa = co_await open_mfa_page(walk);
  co_return fmt::format("MFA is {}", mfa_state_name(result.mfa));
}

task<void> sign_in_and_check(Walk& walk, CheckResult& result) {
  co_await sign_in(walk);
  const std::function<task<std::string>()> look = [&walk, &result] { return measure_and_look(walk, result); };
  co_await run_own_step(walk, "look at the MFA page", look);
}

task<CheckResult> check_in(Scene& scene) {
  const playbook::Playbook& playbook = scene.playbook();
  SignInMission mission(scene.desk, playbook);
  CheckResult result;
  const std::function<task<void>(Walk&)> body = [&result](Walk& walk) { return sign_in_and_check(walk, result); };
  co_await in_fresh_browser(scene, playbook, mission, body);
  result.secret_works = mission.code_was_asked();
  result.factor = mission.factor_used();
  result.skew = scene.desk.skew();
  co_return result;
}

}  // namespace

task<LoginResult> login(FlowContext& context, LoginOptions options) {
  const std::function<task<LoginResult>(Scene&)> body = [options](Scene& scene) { return login_in(scene, options); };
  co_return co_await run_flow(context, "login", body);
}

task<CheckResult> check(FlowContext& context) {
  const std::function<task<CheckResult>(Scene&)> body = [](Scene& scene) { return check_in(scene); };
  co_return co_await run_flow(context, "check", body);
}

task<void> prove_factor(Scene& scene, const playbook::Playbook& playbook, FactorId factor) {
  // A new reading from the vault: what is proven is what is kept, not what was captured.
  SignInMission mission(scene.desk, playbook, co_await scene.desk.on_pool([&] {
    return scene.desk.factors.open(scene.desk.factors.get(factor));
  }));
  const std::function<task<void>(Walk&)> body = [](Walk& walk) { return sign_in(walk); };
  scene.remark("proving the secret by a fresh login");
  co_await in_fresh_browser(scene, playbook, mission, body);
  if (!mission.code_was_asked())
    throw Failure(Outcome::kProofFailed, "the fresh login was asked for no code, so it proves nothing",
                  "see in the app whether it asks for codes only sometimes, and then run totpilot recover");
  TOTPILOT_FAIL_POINT("verifying.after_effect");
}

namespace {

task<ProveResult> prove_in(Scene& scene) {
  const AccountId account = scene.context.account.id;
  const FactorId factor = (co_await scene.desk.on_pool([&] { return scene.desk.factors.open_current(account); })).id();
  co_await prove_factor(scene, scene.playbook(), factor);
  co_await scene.desk.on_pool([&] {
    scene.desk.factors.mark_live(scene.desk.factors.open(scene.desk.factors.get(factor)), scene.desk.lease());
  });
  co_return ProveResult{factor};
}

}  // namespace

task<ProveResult> prove(FlowContext& context, AccountId account) {
  if (account != context.account.id)
    throw Failure(Outcome::kInternal, "prove was asked about another account than its job's");
  const std::function<task<ProveResult>(Scene&)> body = [](Scene& scene) { return prove_in(scene); };
  co_return co_await run_flow(context, "prove", body);
}

}  // namespace totpilot::flow
