#include "agent/flow/scene.h"

#include <boost/asio/this_coro.hpp>

#include "agent/base/log.h"
#include "agent/base/stopwatch.h"
#include "agent/flow/failures.h"

namespace totpilot::flow {
namespace {

/// From here on a cancellation that has been asked for does not reach what is awaited: the cleaning up has deadlines of
/// its own.
task<void> finish(Scene& scene, std::string name, std::chrono::milliseconds duration, std::optional<Failure> failure) {
  co_await scene.desk.release_windows();
  scene.tell.on_event(failure ? FlowEnded{name, duration, failure->code(), failure->message()}
                              : FlowEnded{name, duration, Outcome::kOk, {}});
  if (scene.context.report_directory.empty()) co_return;
  try {
    co_await scene.desk.on_pool([&] { scene.recorder.write(scene.context.report_directory); });
  } catch (const Failure& unwritten) {
    log::warn("the report of {} was not written: {}", name, unwritten.message());
  }
}

task<void> close(FlowContext& context, browser::SessionPort& session) {
  try {
    co_await session.close(Deadline::after(context.limits.close));
  } catch (const std::exception&) {
    // The destructor ends what would not close.
    log::debug("a browser session did not close in order");
  }
}

task<std::string> see_session_in(Walk& walk) {
  std::vector<browser::Condition> any = {walk.playbook.session.in};
  co_await walk.page().wait_for(std::move(any), walk.step_time().fresh());
  co_return std::string();
}

}  // namespace

Scene::Scene(FlowContext& flow_context)
    : context(flow_context), recorder(flow_context.lease.job.str(), flow_context.clock), desk(flow_context, tell) {
  tell.add(recorder);
  tell.add(context.progress);
}

const playbook::Playbook& Scene::playbook() const {
  if (!context.playbook) throw Failure(Outcome::kNoPlaybook, "account " + context.account.name + " has no playbook");
  return *context.playbook;
}

task<void> Scene::own_step(std::string name, std::function<task<std::string>()> body) {
  const std::string number = numbers.next();
  const Stopwatch watch;
  tell.on_event(StepStarted{number, name, {}});
  std::exception_ptr error;
  std::string remark;
  try {
    remark = co_await body();
  } catch (...) {
    error = std::current_exception();
  }
  if (!error) {
    tell.on_event(StepEnded{number, name, watch.elapsed(), Outcome::kOk, false, std::move(remark)});
    co_return;
  }
  Failure failure = as_failure(error);
  tell.on_event(StepEnded{number, name, watch.elapsed(), failure.code(), false, failure.message()});
  throw std::move(failure).within(fmt::format("step {} ({})", number, name));
}

task<void> run_scene(FlowContext& context, std::string name, std::function<task<void>(Scene&)> body) {
  Scene scene(context);
  const Stopwatch watch;
  scene.tell.on_event(FlowStarted{name, context.account.name});
  std::exception_ptr error;
  try {
    co_await body(scene);
  } catch (...) {
    error = std::current_exception();
  }
  co_await boost::asio::this_coro::reset_cancellation_state();
  std::optional<Failure> failure;
  if (error) failure = as_failure(error);
  co_await finish(scene, name, watch.elapsed(), failure);
  if (failure) throw std::move(*failure);
}

task<void> in_fresh_browser(Scene& scene, const playbook::Playbook& playbook, Mission& mission,
                            std::function<task<void>(Walk&)> body) {
  browser::SessionOptions options;
  options.base_url = scene.context.account.base_url;
  options.test_id_attribute = playbook.test_id_attribute;
  if (playbook.facts.needs_3d) options.graphics = browser::Graphics::k3d;
  const std::unique_ptr<browser::SessionPort> session = co_await scene.context.browsers.lease(
      std::move(options), scene.context.deadline.at_most(2 * scene.context.limits.step));
  Walk walk{scene.context, scene.desk, scene.tell, *session, playbook, mission, scene.numbers};
  std::exception_ptr error;
  try {
    co_await body(walk);
  } catch (...) {
    error = std::current_exception();
  }
  co_await boost::asio::this_coro::reset_cancellation_state();
  co_await close(scene.context, *session);
  if (error) std::rethrow_exception(error);
}

task<void> sign_in(Walk& walk) {
  co_await run_steps(walk, walk.playbook.login.steps);
  // The built-in has seen session.in; steps of the playbook's own have not said so yet.
  const bool built_in = !walk.playbook.login.steps.empty() &&
                        std::holds_alternative<playbook::SignIn>(walk.playbook.login.steps.back().action);
  if (built_in) co_return;
  const std::function<task<std::string>()> look = [&walk] { return see_session_in(walk); };
  co_await run_own_step(walk, "signed in", look);
}

}  // namespace totpilot::flow
