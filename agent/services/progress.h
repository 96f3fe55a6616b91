#pragma once
// Progress as services hand it on: the flow's own events, under the name of this layer, so that the command line and
// the API include no flow.
#include "agent/flow/progress.h"

namespace totpilot::services {

using flow::Event;
using flow::FlowEnded;
using flow::FlowStarted;
using flow::ListenerList;
using flow::PageSeen;
using flow::ProgressListener;
using flow::Remark;
using flow::StepEnded;
using flow::StepStarted;
using flow::Waiting;

}  // namespace totpilot::services
