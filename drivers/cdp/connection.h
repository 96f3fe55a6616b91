#pragma once
// cdp::Connection: one browser's protocol stream. One reader, a map of pending replies, flat sessions; events go to
// their session's subscribers in the order the browser sent them. Browser io_context only; large messages are parsed in
// the pool, in order.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <memory>
#include <string>

#include "drivers/cdp/session.h"
#include "drivers/transport/transport.h"

namespace totpilot::cdp {

/// Messages beyond this are parsed in the pool (5.6 MB take nlohmann 103 ms).
inline constexpr std::size_t kLargeMessage = std::size_t{256} << 10;
/// With more than this still to be parsed, no more is read: a page can write events faster than anybody reads them.
inline constexpr std::size_t kMaxQueued = std::size_t{128} << 20;

class Connection {
 public:
  /// Starts reading at once. `pool` must outlive the connection.
  Connection(const boost::asio::any_io_executor& executor, boost::asio::thread_pool& pool,
             std::unique_ptr<transport::Transport> transport, std::size_t max_queued = kMaxQueued);
  /// Ends every session ("connection closed"), so that no call is left waiting.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// The browser's own session (no session id). Lives as long as the connection.
  std::shared_ptr<Session> browser() const;
  /// An attached session by protocol session id, null when unknown or ended. A session exists from the moment its
  /// Target.attachedToTarget event was read, before the event's subscribers see it.
  std::shared_ptr<Session> session(const std::string& session_id) const;
  /// Ends it with `reason`; subscribers of on_end hear it.
  void close(std::string reason);
  bool closed() const;

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace totpilot::cdp
