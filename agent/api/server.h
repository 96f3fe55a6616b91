#pragma once
// Server: HTTP/1.1 on a unix socket and, if wanted, on TCP. Holds every connection to its limits, so that who is slow,
// half-open or too large is cut while everybody else is answered. On one io_context thread.
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/api/limits.h"
#include "agent/api/message.h"
#include "agent/base/async.h"

namespace totpilot::api {

struct Listening {
  std::filesystem::path socket{};  // mode 0600; its peers are known by their uid
  std::string address{};           // "127.0.0.1:8443"; empty: no TCP. One that is not loopback wants TLS
  std::filesystem::path tls_certificate{};
  std::filesystem::path tls_key{};
};

using Answerer = std::function<task<Reply>(Incoming)>;

class Server {
 public:
  /// `answer` outlives it. Throws invalid_input for an address that cannot be used or must not be.
  Server(boost::asio::io_context& context, Listening listening, Limits limits, Answerer answer);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Of the TCP listener; 0 without one.
  unsigned short port() const;
  std::size_t connections() const;

  /// No new connections.
  void refuse();
  /// The same; those that wait for a request or listen to events are closed, others are answered first.
  void stop();
  /// Until the last connection is gone.
  task<void> stopped(Deadline deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the connections, which may end after us
};

}  // namespace totpilot::api
