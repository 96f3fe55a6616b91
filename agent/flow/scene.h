#pragma once
// Scene: what surrounds a flow's own work: its listeners and its report, its desk, its step numbers, and browser
// sessions that are closed in order however the work ends.
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/flow/desk.h"
#include "agent/flow/flows.h"
#include "agent/flow/mission.h"
#include "agent/flow/report.h"
#include "agent/flow/runner.h"
#include "agent/flow/walk.h"

namespace totpilot::flow {

class Scene {
 public:
  explicit Scene(FlowContext& context);
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  FlowContext& context;
  Recorder recorder;
  ListenerList tell;
  Desk desk;
  StepCounter numbers;

  /// no_playbook where the account has none.
  const playbook::Playbook& playbook() const;
  void remark(std::string text) { tell.on_event(Remark{std::move(text)}); }
  /// One of the engine's steps that no browser has a part in.
  task<void> own_step(std::string name, std::function<task<std::string>()> body);
};

/// Runs `body` as the flow `name`: told, recorded, windows given back, errors as Failures.
task<void> run_scene(FlowContext& context, std::string name, std::function<task<void>(Scene&)> body);

/// Leases a fresh browser, walks `body` in it and closes it, whatever happens.
task<void> in_fresh_browser(Scene& scene, const playbook::Playbook& playbook, Mission& mission,
                            std::function<task<void>(Walk&)> body);

/// The playbook's login, ending on session.in.
task<void> sign_in(Walk& walk);

template <class T>
task<void> keep_result(Scene& scene, const std::function<task<T>(Scene&)>& body, std::optional<T>& result) {
  result.emplace(co_await body(scene));
}

template <class T>
task<T> run_flow(FlowContext& context, std::string name, std::function<task<T>(Scene&)> body) {
  std::optional<T> result;
  const std::function<task<void>(Scene&)> wrapped = [&result, &body](Scene& scene) {
    return keep_result(scene, body, result);
  };
  co_await run_scene(context, std::move(name), wrapped);
  co_return std::move(*result);
}

}  // namespace totpilot::flow
