#pragma once
// Gateway: where a command's operations are performed: in this process, or by the daemon that has the state directory.
// Both take a row and its arguments as JSON, give its answer as JSON, and throw the same failures (services::RunFailed
// for a run), so that a command does not know which it speaks to.
#include <memory>
#include <nlohmann/json.hpp>

#include "agent/base/async.h"
#include "agent/services/house.h"
#include "agent/services/operation.h"
#include "agent/services/progress.h"

namespace totpilot::cli {

class Gateway {
 public:
  virtual ~Gateway() = default;
  /// A run is followed to its end, its steps told to the listener.
  virtual task<nlohmann::ordered_json> perform(const services::Operation& operation, nlohmann::json arguments,
                                               services::ProgressListener& listener, Deadline deadline) = 0;
};

/// Of what is done on the machine alone, and not by the daemon that has the state directory.
Failure daemon_in_the_way();

std::unique_ptr<Gateway> make_local_gateway(services::House& house);
/// `socket`: the daemon's.
std::unique_ptr<Gateway> make_daemon_gateway(std::filesystem::path socket);

}  // namespace totpilot::cli
