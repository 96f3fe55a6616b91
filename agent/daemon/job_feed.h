#pragma once
// JobFeed: what happens to jobs, as server-sent events. Reads on from the store where the client missed some, then
// hears the hub.
#include <memory>
#include <string_view>

#include "agent/api/message.h"
#include "agent/services/event_hub.h"
#include "agent/services/house.h"

namespace totpilot::daemon {

/// "/v1/events", or "/v1/jobs/{job}/events", which begins with the job's first event and ends with its last. Nothing
/// for another path. `last_event_id`: the sequence of the last one the client saw; empty: none.
std::unique_ptr<api::Feed> job_feed(services::House& house, services::EventHub& hub, std::string_view path,
                                    std::string_view last_event_id);

}  // namespace totpilot::daemon
