#pragma once
// AttachedBrowser: a browser that the same user started and that listens on loopback. We work in a context of our own
// there and leave everything else alone. It is not contained, not warm, and not killed: what is ours ends with the
// connection.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <string>

#include "agent/base/clock.h"
#include "agent/browser/browser_port.h"

namespace totpilot::chrome {

/// `url` as of transport::connect_websocket(). The arguments must outlive the port and its sessions.
std::unique_ptr<browser::BrowserPort> make_attached_browser_port(boost::asio::thread_pool& pool, const Clock& clock,
                                                                 std::string url);

}  // namespace totpilot::chrome
