#pragma once
// What the server hands to whoever answers, and what it gets back. Plain data.
#include <sys/types.h>

#include <boost/beast/http/fields.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/api/wiped.h"
#include "agent/base/async.h"

namespace totpilot::api {

/// The far end of a connection.
struct Peer {
  enum class Way { kUnix, kTcp, kTls };
  Way way = Way::kUnix;
  std::string address;       // "127.0.0.1", "uid 1000"; what connections are counted by
  std::optional<uid_t> uid;  // of a unix socket
  pid_t pid = 0;
};

struct Incoming {
  Peer peer;
  std::string verb;
  std::string target;  // as it came: path and query
  boost::beast::http::fields headers;
  WipedString body;

  std::string_view header(std::string_view name) const {
    const auto value = headers[name];
    return {value.data(), value.size()};
  }
};

/// An answer that goes on for as long as the client listens.
class Feed {
 public:
  virtual ~Feed() = default;
  /// The next piece; empty: it is over. Cancelled when the client or the server goes.
  virtual task<std::string> next() = 0;
};

struct Reply {
  unsigned status = 200;
  std::string type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  WipedString body;
  std::unique_ptr<Feed> feed{};  // instead of the body
};

}  // namespace totpilot::api
