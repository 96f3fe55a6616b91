#pragma once
// WebsocketTransport: a browser that is already running on this machine and listens on loopback. A DevTools port
// answers every local user, so we speak only to one that our own user started, and never to another machine.
#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "agent/base/async.h"
#include "drivers/transport/transport.h"

namespace totpilot::transport {

/// `url`: "ws://127.0.0.1:9222/devtools/browser/...", or the browser's own "http://127.0.0.1:9222", which is asked for
/// it. invalid_input for another kind of address or one beyond loopback; origin_blocked when another user's process
/// answers there; browser_lost when nobody does, or it is no browser.
task<std::unique_ptr<Transport>> connect_websocket(std::string url, Deadline deadline);

}  // namespace totpilot::transport
