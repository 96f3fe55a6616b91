#pragma once
// Site: the pages of tests/unit/page/site on two loopback ports. Other port: another origin of the same site, so the
// same process. "localhost" instead of "127.0.0.1": another site, so a process of its own. Also /status/N,
// /redirect?to=URL, /download, /headers.
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "agent/base/async.h"

namespace totpilot::tests {

class Site {
 public:
  Site();
  ~Site();

  /// "http://127.0.0.1:PORT"
  std::string origin() const { return "http://127.0.0.1:" + std::to_string(ports_[0]); }
  std::string other_port() const { return "http://127.0.0.1:" + std::to_string(ports_[1]); }
  std::string other_site() const { return "http://localhost:" + std::to_string(ports_[0]); }
  /// How often this path (without query) was asked for by any method.
  int asked(const std::string& path) const;

 private:
  void listen(std::size_t which);
  task<void> accept(std::shared_ptr<boost::asio::ip::tcp::acceptor> acceptor);
  task<void> serve(boost::asio::ip::tcp::socket socket);

  boost::asio::io_context context_;
  unsigned short ports_[2] = {};
  mutable std::mutex mutex_;
  std::map<std::string, int> asked_;
  std::thread thread_;
};

}  // namespace totpilot::tests
