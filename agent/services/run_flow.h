#pragma once
// run_flow: the frame that every run shares: account and playbook, the job around the flow, the steps as they went. For
// runs.cpp alone.
#include <functional>
#include <memory>
#include <string>

#include "agent/flow/flows.h"
#include "agent/services/house.h"
#include "agent/services/runs.h"

namespace totpilot::services {

struct Prepared {
  store::AccountRow account;
  std::shared_ptr<const playbook::Playbook> playbook;
};

/// Opens the house for a run of this kind (a browser warms up) and finds the account and its playbook. no_playbook for
/// a self-managed account, with what a person does instead.
task<Prepared> prepare(House& house, std::string kind, std::string account);

/// The playbook for an account that is to be recovered: its own, or the text that its open enrollment was begun with.
task<Prepared> prepare_recovery(House& house, std::string account);

/// Runs `body` as a job of this kind; fills `view` as far as it got. What fails is thrown as RunFailed.
task<void> run_flow(House& house, const Prepared& prepared, std::string kind, ProgressListener& listener, RunView& view,
                    std::function<task<void>(flow::FlowContext&)> body);

}  // namespace totpilot::services
