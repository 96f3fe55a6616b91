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

/// The claimed job that a run belongs to, and whom its flow may ask. Whoever claimed the job ends it.
struct JobFrame {
  jobs::Claimed claimed;
  flow::Asker ask = {};
};

/// The playbook that a run of this kind of the account follows. no_playbook for a self-managed one, with what a person
/// does instead. Blocking.
std::shared_ptr<const playbook::Playbook> playbook_for(House& house, std::string_view kind,
                                                       const store::AccountRow& account);

/// What the queue counts an account's jobs by: the app at its place.
std::string lane_of(const store::AccountRow& account);

/// Opens the house for a run of this kind (a browser warms up) and finds the account and its playbook. no_playbook for
/// a self-managed account, with what a person does instead.
task<Prepared> prepare(House& house, std::string kind, std::string account);

/// The playbook for an account that is to be recovered: its own, or the text that its open enrollment was begun with.
task<Prepared> prepare_recovery(House& house, std::string account);

/// How a run is done: what kind it is, who listens, and the job that it belongs to; without one it makes its own.
struct RunFrame {
  std::string kind;
  ProgressListener& listener;
  const JobFrame* job = nullptr;
};

/// Runs `body` as a job of this kind; fills `view` as far as it got. What fails is thrown as RunFailed.
task<void> run_flow(House& house, const Prepared& prepared, RunFrame frame, RunView& view,
                    std::function<task<void>(flow::FlowContext&)> body);

}  // namespace totpilot::services
