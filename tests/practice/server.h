#pragma once
// Server: speaks HTTP/1.1 on two loopback ports for one App, on one thread of its own.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "tests/practice/app.h"
#include "tests/practice/site_clock.h"

namespace totpilot::practice {

class Server {
 public:
  struct Ports {
    std::uint16_t app = 0;
    std::uint16_t other = 0;
  };

  Server(App& app, const SiteClock& clock, std::chrono::milliseconds delay);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Takes the ports (0: any free one) and serves. Returns the ports taken. Throws std::system_error.
  Ports start(Ports wanted);
  void stop();

  void hold(std::string method, std::string path);
  bool wait_until_held(std::chrono::milliseconds patience);
  void release();

 private:
  enum class Origin { kApp, kOther };

  boost::asio::awaitable<void> listen(boost::asio::ip::tcp::acceptor acceptor, Origin origin);
  boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket, Origin origin);
  boost::asio::awaitable<void> wait_while_held(std::string request);

  App& app_;
  const SiteClock& clock_;
  const std::chrono::milliseconds delay_;
  std::unique_ptr<boost::asio::io_context> io_;
  std::thread thread_;

  std::mutex hold_mutex_;
  std::condition_variable hold_changed_;
  std::optional<std::string> held_request_;     // "POST /path"
  std::list<boost::asio::steady_timer*> held_;  // used on the io thread only, but counted under the mutex
};

}  // namespace totpilot::practice
