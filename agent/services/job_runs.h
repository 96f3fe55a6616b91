#pragma once
// run_job: what the dispatcher calls: the service that a job of the queue stands for, with its request, its steps as
// events, and a person to ask. For the daemon.
#include <string>

#include "agent/base/async.h"
#include "agent/jobs/dispatcher.h"

namespace totpilot::services {

class House;

/// The service's response as JSON. Throws what the service threw.
task<std::string> run_job(House& house, jobs::Taken taken);

/// As the settings say.
jobs::DispatcherSettings dispatcher_settings(const House& house);

}  // namespace totpilot::services
