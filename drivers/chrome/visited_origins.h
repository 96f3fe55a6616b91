#pragma once
// VisitedOrigins: which http(s) origins the documents of a session came from, and which of them are on a page right
// now. Fed by the pages' own events. Browser io_context only.
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "drivers/cdp/connection.h"
#include "drivers/cdp/runtime.h"

namespace totpilot::chrome {

class VisitedOrigins {
 public:
  /// `connection` must outlive this.
  explicit VisitedOrigins(cdp::Connection& connection) : connection_(connection) {}

  /// A page, before it runs; its out-of-process frames are followed by themselves.
  void watch(const std::shared_ptr<cdp::Session>& session);

  const std::set<std::string>& all() const { return all_; }

  struct Document {
    std::shared_ptr<cdp::Session> session;
    std::string context;  // unique id; an isolated world where there is one
  };
  /// A document of the origin that is on a page now.
  std::optional<Document> live(const std::string& origin) const;

 private:
  struct Context {
    std::shared_ptr<cdp::Session> session;
    std::string origin;
    bool own_world;
  };

  void created(const std::shared_ptr<cdp::Session>& session, const cdp::runtime::Context& context);
  void forget(const std::string& session_id);

  cdp::Connection& connection_;
  std::set<std::string> all_;
  std::map<std::string, Context> contexts_;                              // by unique id
  std::map<std::string, std::vector<cdp::Subscription>> subscriptions_;  // by session id
};

}  // namespace totpilot::chrome
