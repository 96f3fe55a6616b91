#include "tests/practice/server.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <future>

namespace totpilot::practice {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;

constexpr std::chrono::seconds kPatience{60};
constexpr std::uint64_t kMostBody = 64 * 1024;
constexpr std::uint32_t kMostHeader = 16 * 1024;

std::map<std::string, std::string> parse_cookies(std::string_view header) {
  std::map<std::string, std::string> cookies;
  while (!header.empty()) {
    const std::string_view pair = header.substr(0, header.find(';'));
    header.remove_prefix(std::min(header.size(), pair.size() + 1));
    while (header.starts_with(' ')) header.remove_prefix(1);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos) cookies[std::string(pair.substr(0, equals))] = pair.substr(equals + 1);
  }
  return cookies;
}

Request to_request(const http::request<http::string_body>& from) {
  Request request;
  // HEAD runs the page like GET, as most frameworks have it: on a page that makes a secret it is no innocent request.
  request.method = from.method() == http::verb::head ? "GET" : std::string(from.method_string());
  request.target = std::string(from.target());
  request.path = without_query(request.target);
  if (const std::size_t query = request.target.find('?'); query != std::string::npos) {
    request.query = parse_form(std::string_view(request.target).substr(query + 1));
  }
  request.cookies = parse_cookies(from[http::field::cookie]);
  request.origin = std::string(from[http::field::origin]);
  request.referer = std::string(from[http::field::referer]);
  request.body = from.body();
  if (from[http::field::content_type].starts_with("application/x-www-form-urlencoded"))
    request.form = parse_form(request.body);
  return request;
}

std::string http_date(Time time) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

http::response<http::string_body> to_wire(Response response, Time now,
                                          const http::request<http::string_body>& request) {
  http::response<http::string_body> wire(static_cast<http::status>(response.status), request.version());
  wire.set(http::field::date, http_date(now));
  wire.set(http::field::content_type, response.content_type);
  wire.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) wire.insert(name, value);
  wire.keep_alive(request.keep_alive() && response.delivery == Response::Delivery::kSend);
  wire.body() = std::move(response.body);
  wire.prepare_payload();
  if (request.method() == http::verb::head) wire.body().clear();  // the length stays
  return wire;
}

tcp::acceptor open_port(asio::io_context& io, std::uint16_t port) {
  const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
  return tcp::acceptor(io, endpoint, /*reuse_addr=*/true);
}

}  // namespace

Server::Server(App& app, const SiteClock& clock, std::chrono::milliseconds delay)
    : app_(app), clock_(clock), delay_(delay) {}

Server::~Server() { stop(); }

Server::Ports Server::start(Ports wanted) {
  stop();
  io_ = std::make_unique<asio::io_context>(1);
  tcp::acceptor app = open_port(*io_, wanted.app);
  tcp::acceptor other = open_port(*io_, wanted.other);
  const Ports taken{.app = app.local_endpoint().port(), .other = other.local_endpoint().port()};
  asio::co_spawn(*io_, listen(std::move(app), Origin::kApp), asio::detached);
  asio::co_spawn(*io_, listen(std::move(other), Origin::kOther), asio::detached);
  thread_ = std::thread([this] { io_->run(); });
  return taken;
}

void Server::stop() {
  if (!io_) return;
  io_->stop();
  thread_.join();
  io_.reset();  // ends every coroutine, and with it every connection
  const std::lock_guard lock(hold_mutex_);
  held_.clear();
}

awaitable<void> Server::listen(tcp::acceptor acceptor, Origin origin) {
  for (;;) {
    boost::system::error_code error;
    tcp::socket socket = co_await acceptor.async_accept(redirect_error(use_awaitable, error));
    if (error) co_return;
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), origin), asio::detached);
  }
}

awaitable<void> Server::serve(tcp::socket socket, Origin origin) {
  socket.set_option(tcp::no_delay(true));
  beast::tcp_stream stream(std::move(socket));
  beast::flat_buffer buffer(kMostHeader + kMostBody);
  boost::system::error_code error;
  for (;;) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(kMostBody);
    parser.header_limit(kMostHeader);
    stream.expires_after(kPatience);
    co_await http::async_read(stream, buffer, parser, redirect_error(use_awaitable, error));
    if (error) co_return;
    const Request request = to_request(parser.get());
    Response response = origin == Origin::kApp ? app_.handle(request) : app_.handle_elsewhere(request);
    if (origin == Origin::kApp && !request.path.starts_with("/assets/")) {
      if (app_.is_slow()) {
        asio::steady_timer timer(stream.get_executor(), delay_);
        co_await timer.async_wait(use_awaitable);
      }
      co_await wait_while_held(request.method + " " + request.path);
    }
    if (response.delivery == Response::Delivery::kDropConnection) co_return;
    const auto wire = to_wire(std::move(response), clock_.now(), parser.get());
    stream.expires_after(kPatience);
    co_await http::async_write(stream, wire, redirect_error(use_awaitable, error));
    if (error || !wire.keep_alive()) co_return;
  }
}

awaitable<void> Server::wait_while_held(std::string request) {
  asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  {
    const std::lock_guard lock(hold_mutex_);
    if (held_request_ != request) co_return;
    held_.push_back(&timer);
  }
  hold_changed_.notify_all();
  boost::system::error_code error;
  co_await timer.async_wait(redirect_error(use_awaitable, error));
}

void Server::hold(std::string method, std::string path) {
  const std::lock_guard lock(hold_mutex_);
  held_request_ = std::move(method) + " " + path;
}

bool Server::wait_until_held(std::chrono::milliseconds patience) {
  std::unique_lock lock(hold_mutex_);
  return hold_changed_.wait_for(lock, patience, [this] { return !held_.empty(); });
}

void Server::release() {
  {
    const std::lock_guard lock(hold_mutex_);
    held_request_.reset();
  }
  if (!io_) return;
  asio::post(*io_, [this] {
    std::list<asio::steady_timer*> waiting;
    {
      const std::lock_guard lock(hold_mutex_);
      waiting.swap(held_);
    }
    for (asio::steady_timer* timer : waiting) timer->cancel();
  });
}

}  // namespace totpilot::practice
