#pragma once
// SessionCore: the connection's half of a session: subscribers, and what is still owed a reply. Internal to
// drivers/cdp.
#include <list>
#include <map>
#include <memory>
#include <string>

#include "drivers/cdp/session.h"

namespace totpilot::cdp {

/// A call that waits for its reply.
struct PendingCall {
  std::string method;
  ReplySlot<nlohmann::json> slot;

  PendingCall(std::string name, const boost::asio::any_io_executor& executor)
      : method(std::move(name)), slot(executor) {}
};

/// Handlers by event name. Safe against handlers that subscribe or unsubscribe while an event is delivered.
class Subscribers : public std::enable_shared_from_this<Subscribers> {
 public:
  using Handler = std::function<void(const nlohmann::json&)>;
  using EndHandler = std::function<void(std::string)>;

  Subscription add(std::string method, Handler handler);
  Subscription add_end(EndHandler handler);
  void deliver(const std::string& method, const nlohmann::json& params);
  /// Tells the end handlers, once, and drops all handlers.
  void end(const std::string& reason);

 private:
  template <class Function>
  struct Entry {
    Function call;
    bool live = true;
  };
  template <class Function>
  using Entries = std::list<std::shared_ptr<Entry<Function>>>;

  std::map<std::string, Entries<Handler>, std::less<>> handlers_;
  Entries<EndHandler> end_handlers_;
};

}  // namespace totpilot::cdp
