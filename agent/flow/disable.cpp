// disable and regenerate_recovery_codes: what is done to an MFA that is on.
#include <fmt/format.h>

#include <boost/asio/this_coro.hpp>

#include "agent/flow/codes_mission.h"
#include "agent/flow/failures.h"
#include "agent/flow/mfa_page.h"
#include "agent/flow/recovering.h"
#include "agent/flow/sign_in_mission.h"

namespace totpilot::flow {
namespace {

task<std::string> read_mfa_page(Walk& walk, MfaState& seen) {
  seen = co_await open_mfa_page(walk);
  co_return fmt::format("MFA is {}", mfa_state_name(seen));
}

/// Signs in and opens the MFA page, as one own step after the login.
task<MfaState> sign_in_and_look(Walk& walk) {
  co_await sign_in(walk);
  MfaState state = MfaState::kOff;
  const std::function<task<std::string>()> look = [&walk, &state] { return read_mfa_page(walk, state); };
  co_await run_own_step(walk, "look at the MFA page", look);
  co_return state;
}

task<std::string> see_it_off(Walk& walk, const DisableMission& mission) {
  const bool shown = !mission.was_accepted() && co_await shows_soon(walk, walk.playbook.mfa.disabled);
  const MfaState state = shown ? MfaState::kOff : co_await open_mfa_page(walk);
  if (state != MfaState::kOff)
    throw Failure(Outcome::kPageChanged,
                  fmt::format("the MFA page says {} after turning it off", mfa_state_name(state)));
  co_return std::string("MFA is off");
}

task<void> turn_off(Walk& walk, DisableMission& mission) {
  Walk led{walk.context, walk.desk, walk.tell, walk.session, walk.playbook, mission, walk.numbers};
  // From here on the app may have turned it off: the job must not be run again from its start.
  co_await walk.desk.mark_past_return();
  co_await run_steps(led, walk.playbook.disable->steps);
  Walk* after = &led;
  DisableMission* asked = &mission;
  const std::function<task<std::string>()> look = [after, asked] { return see_it_off(*after, *asked); };
  co_await run_own_step(led, "see that MFA is off", look);
}

/// What the MFA page says before anything is turned off. Off where the sign-in just took a code is no news to act on:
/// the secret still works.
void require_can_disable(MfaState state, const Mission& sign_in) {
  switch (state) {
    case MfaState::kOn:
      return;
    case MfaState::kOtherMethod:
      throw Failure(Outcome::kOtherMethodOn, "the app says that another method is on");
    case MfaState::kNotOffered:
      throw Failure(Outcome::kTotpNotOffered, "the app offers no authenticator app to this account",
                    "see in the app how MFA stands; the secret is kept as it is");
    case MfaState::kOff:
      if (sign_in.code_was_asked())
        throw Failure(Outcome::kPageChanged, "the app took a code at this sign-in, and its MFA page says off",
                      "see in the app which holds; mfa.disabled in the playbook may fit too much. The secret is kept");
  }
}

task<void> sign_in_and_turn_off(Walk& walk, const Mission& sign_in_mission, DisableMission& mission) {
  const MfaState state = co_await sign_in_and_look(walk);
  require_can_disable(state, sign_in_mission);
  if (state == MfaState::kOn) co_await turn_off(walk, mission);
}

task<DisableResult> disable_in(Scene& scene) {
  const playbook::Playbook& playbook = scene.playbook();
  if (!playbook.disable) throw Failure(Outcome::kNoPlaybook, "the playbook " + playbook.app + " has no disable flow");
  co_await settle_first(scene);
  SignInMission sign_in_mission(scene.desk, playbook);
  DisableMission mission(scene.desk, playbook);
  const std::function<task<void>(Walk&)> body = [&sign_in_mission, &mission](Walk& walk) {
    return sign_in_and_turn_off(walk, sign_in_mission, mission);
  };
  co_await in_fresh_browser(scene, playbook, sign_in_mission, body);
  const AccountId account = scene.context.account.id;
  const auto retired =
      co_await scene.desk.on_pool([&] { return scene.desk.factors.retire(account, scene.desk.lease()); });
  co_return DisableResult{retired ? retired->id : FactorId()};
}

}  // namespace

task<void> CodesMission::keep_codes(std::vector<Secret> codes) {
  const AccountId account = desk_.account().id;
  kept_ = co_await desk_.on_pool([&] {
    const auto factor = desk_.factors.current(account);
    return desk_.recovery.keep(account, factor ? factor->id : FactorId(), codes, desk_.lease());
  });
}

namespace {

/// How far a run for new codes came; outlives the browser it ran in.
struct Renewal {
  int earlier = 0;     // codes kept before, that the app may not know any more
  bool begun = false;  // the steps that make it forget them
};

task<void> renew(Walk& walk, CodesMission& mission, Renewal& renewal) {
  const MfaState state = co_await sign_in_and_look(walk);
  if (state != MfaState::kOn)
    throw Failure(Outcome::kInvalidInput,
                  fmt::format("the MFA page says {}, so there are no recovery codes", mfa_state_name(state)));
  Desk* desk = &walk.desk;
  renewal.earlier = co_await desk->on_pool([desk] { return desk->recovery.unused(desk->account().id); });
  Walk led{walk.context, walk.desk, walk.tell, walk.session, walk.playbook, mission, walk.numbers};
  led.may_reveal = true;
  // Written down first: whoever looks at the earlier codes after a crash is told that they may be void.
  co_await desk->mark_past_return();
  renewal.begun = true;
  co_await run_steps(led, walk.playbook.recovery_codes->steps);
  if (mission.kept() == 0)
    throw Failure(Outcome::kRecoveryCodesNotSaved, "the recovery_codes flow ended without any codes");
}

Failure with_doubt(const Failure& failure, const std::string& account) {
  const std::string again = fmt::format("totpilot recovery-codes {} new", account);
  Failure doubt(failure.code(),
                failure.message() + " (the earlier recovery codes may be void, and are kept; run it again)",
                failure.hint().empty() ? again : fmt::format("{}; then {}", failure.hint(), again));
  return failure.position() ? std::move(doubt).at(*failure.position()) : doubt;
}

}  // namespace

task<int> make_new_codes(Scene& scene) {
  const playbook::Playbook& playbook = scene.playbook();
  if (!playbook.recovery_codes)
    throw Failure(Outcome::kNoPlaybook, "the playbook " + playbook.app + " has no recovery_codes flow");
  SignInMission sign_in_mission(scene.desk, playbook);
  CodesMission mission(scene.desk);
  Renewal renewal;
  const std::function<task<void>(Walk&)> body = [&mission, &renewal](Walk& walk) {
    return renew(walk, mission, renewal);
  };
  try {
    co_await in_fresh_browser(scene, playbook, sign_in_mission, body);
  } catch (...) {
    if (!renewal.begun || renewal.earlier == 0 || mission.kept() > 0) throw;
    throw with_doubt(as_failure(std::current_exception()), scene.context.account.name);
  }
  co_return mission.kept();
}

task<void> warn_of_lost_codes(Scene& scene) {
  const bool lost = co_await scene.desk.on_pool([&] { return scene.desk.codes_are_lost(); });
  if (!lost || !scene.playbook().recovery_codes) co_return;
  scene.remark(
      fmt::format("the recovery codes of this account were lost when MFA was turned on; let the app make new "
                  "ones: totpilot recovery-codes {} new",
                  scene.context.account.name));
}

task<int> replace_lost_codes(Scene& scene) {
  if (!scene.playbook().recovery_codes) co_return 0;
  try {
    co_return co_await make_new_codes(scene);
  } catch (const Failure& failure) {
    scene.remark("new recovery codes could not be had: " + failure.message());
  }
  co_return 0;
}

task<DisableResult> disable(FlowContext& context) {
  const std::function<task<DisableResult>(Scene&)> body = [](Scene& scene) { return disable_in(scene); };
  co_return co_await run_flow(context, "disable", body);
}

task<CodesResult> regenerate_recovery_codes(FlowContext& context) {
  const std::function<task<CodesResult>(Scene&)> body = [](Scene& scene) -> task<CodesResult> {
    co_await settle_first(scene);
    co_return CodesResult{co_await make_new_codes(scene)};
  };
  co_return co_await run_flow(context, "recovery_codes", body);
}

}  // namespace totpilot::flow
