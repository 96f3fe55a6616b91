#pragma once
// Connection: one client, its requests one after the other. Of this room only.
#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <functional>

#include "agent/api/limits.h"
#include "agent/api/message.h"
#include "agent/api/server.h"

namespace totpilot::api {

/// What the server knows of a connection while it lives.
struct Connection {
  enum class Doing { kWaiting, kAnswering, kStreaming };

  Peer peer;
  Doing doing = Doing::kWaiting;
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
  boost::asio::cancellation_signal cancel;
  bool last = false;            // after the answer on its way it closes
  std::function<void()> close;  // its socket, while it talks

  void cut() {
    last = true;
    if (close) close();
    cancel.emit(boost::asio::cancellation_type::terminal);
  }

  void becomes(Doing now) {
    doing = now;
    since = std::chrono::steady_clock::now();
  }
};

/// Talks until either side is done; returns also when the client is cut.
template <class Stream>
task<void> talk(Stream& stream, Connection& connection, const Limits& limits, const Answerer& answer);

}  // namespace totpilot::api
