#pragma once
// Health: whether the daemon can do its work now: the store answers, the vault is open, a browser could be started
// lately. On the io_context.
#include "agent/api/gateway.h"
#include "agent/base/deadline.h"

namespace totpilot::daemon {

class Health {
 public:
  Health(services::House& house, api::Metrics& metrics) : house_(house), metrics_(metrics) {}

  /// Tries a browser only where the last try is not recent; whoever asks meanwhile gets what that one found.
  task<api::Readiness> look();

 private:
  task<void> try_browser();

  services::House& house_;
  api::Metrics& metrics_;
  std::optional<Deadline> recent_;
  bool trying_ = false;
  std::string browser_ = "not tried yet";
};

}  // namespace totpilot::daemon
