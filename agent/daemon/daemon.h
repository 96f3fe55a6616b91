#pragma once
// Daemon: what `totpilot serve` runs: the house, opened for good, and the HTTP server, until a signal ends it. On the
// house's io_context, which outlives it.
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "agent/api/metrics.h"
#include "agent/base/async.h"

namespace totpilot::services {
class House;
}

namespace totpilot::daemon {

/// In the state directory.
inline constexpr const char* kSocketFile = "totpilot.sock";

/// Where it answers.
struct Place {
  std::string socket;
  std::string address;  // "http://127.0.0.1:8443"; empty: the socket alone
};

/// Serves until SIGTERM or SIGINT; then takes nothing new, ends what it has, and returns. `started` is called once it
/// answers. vault_missing, busy; a vault that does not open is no failure: it waits for vault.unseal.
task<void> serve(boost::asio::io_context& context, services::House& house, std::function<void(const Place&)> started);

}  // namespace totpilot::daemon
