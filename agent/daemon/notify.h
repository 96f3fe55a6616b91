#pragma once
// Notify: tells systemd how the daemon is (sd_notify's protocol, a datagram to $NOTIFY_SOCKET). Without systemd it does
// nothing.
#include <chrono>
#include <optional>
#include <string_view>

namespace totpilot::daemon {

/// "READY=1", "STOPPING=1", "WATCHDOG=1".
void notify(std::string_view state);

/// How often the watchdog wants to hear of us; nothing when there is none.
std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace totpilot::daemon
