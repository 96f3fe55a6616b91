#pragma once
// DaemonClient: the daemon that has the state directory, spoken to over the socket in it (HTTP, one request for each
// connection). Whoever may open the socket is the directory's owner, so no token is sent.
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "agent/base/async.h"
#include "agent/services/operation.h"

namespace totpilot::cli {

class DaemonClient {
 public:
  explicit DaemonClient(std::filesystem::path socket) : socket_(std::move(socket)) {}

  /// Does somebody listen there? A socket that a dead daemon left is nobody.
  static bool answers_at(const std::filesystem::path& socket);

  /// What the daemon answers; throws what it says went wrong, and internal when it speaks no HTTP of ours.
  task<nlohmann::ordered_json> perform(const services::Operation& operation, nlohmann::json arguments,
                                       Deadline deadline) const;

  /// Each event of the job, from its first, until one of the type job.ended or job.needs_input has been handed on.
  /// Connects again where the stream breaks off. busy when the daemon goes away, with what to do.
  task<void> follow(std::string job, std::function<void(const nlohmann::json& event)> on_event,
                    Deadline deadline) const;

 private:
  std::filesystem::path socket_;
};

}  // namespace totpilot::cli
