#pragma once
// Runner: walks a list of steps. Before each: the watchers are looked for and only_if is asked; after each: the
// listener is told. A failure leaves with the step's number, name and place in the playbook, and with what was on the
// page instead.
#include <functional>
#include <string>

#include "agent/flow/walk.h"
#include "agent/playbook/ast.h"

namespace totpilot::flow {

/// Goes on with the next step, or the flow is done ("outcome: ok").
enum class Going { kOn, kEnd };

struct StepResult {
  std::string remark = {};
  Going going = Going::kOn;
};

/// `above`: the number of the step these are part of; empty: the flow's own, numbered by the walk's counter.
task<Going> run_steps(Walk& walk, const playbook::Steps& steps, std::string above = {});

/// The steps of a watcher that holds.
task<void> run_watcher(Walk& walk, const playbook::Watcher& watcher, std::string above);

/// One of the engine's own steps, told and recorded like those of a playbook. The body's text becomes the step's
/// remark.
task<void> run_own_step(Walk& walk, std::string name, std::function<task<std::string>()> body);

/// The same failure with `step 3 (click ...)` before it and the page after it; masked evidence goes to the listener.
task<Failure> with_page(Walk& walk, Failure failure, std::string number, std::string name, SourcePosition at);

}  // namespace totpilot::flow
