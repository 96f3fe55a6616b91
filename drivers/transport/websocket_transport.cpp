#include "drivers/transport/websocket_transport.h"

#include <unistd.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>
#include <nlohmann/json.hpp>

#include "agent/base/origin.h"
#include "agent/base/secret.h"
#include "drivers/transport/socket_owner.h"

namespace totpilot::transport {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using namespace std::chrono_literals;
using tcp = asio::ip::tcp;
using Stream = websocket::stream<beast::tcp_stream>;

constexpr auto kHandshakeWithin = 10s;
constexpr std::size_t kMaxVersionPage = std::size_t{64} << 10;

Failure lost(std::string reason) {
  return Failure(Outcome::kBrowserLost, std::move(reason),
                 "start the browser with --remote-debugging-port=9222, as the same user");
}

struct Address {
  std::string scheme;  // "ws" or "http"
  std::string host;    // without brackets
  std::string port;
  std::string path;
  std::string authority() const { return (host.contains(':') ? "[" + host + "]" : host) + ":" + port; }
};

Address parse_address(const std::string& url) {
  const auto invalid = [](const char* why) {
    return Failure(Outcome::kInvalidInput, std::string("the browser's address ") + why);
  };
  const std::size_t colon = url.find("://");
  const std::string scheme = url.substr(0, colon);
  if (colon == std::string::npos || (scheme != "ws" && scheme != "http"))
    throw invalid("does not begin with ws:// or http://");
  const std::string rest = url.substr(colon + 3);
  const auto origin = Origin::parse("http://" + rest);
  if (!origin) throw invalid("cannot be read");
  if (origin->transport() != totpilot::Transport::kLoopback) throw invalid("is not on this machine's loopback");
  std::string authority = origin->text().substr(std::string("http://").size());
  Address address{.scheme = scheme, .host = {}, .port = "80", .path = "/"};
  const std::size_t port = authority.rfind(':');
  if (port != std::string::npos && authority.find(']', port) == std::string::npos) {
    address.port = authority.substr(port + 1);
    authority.resize(port);
  }
  if (authority.starts_with('[')) authority = authority.substr(1, authority.size() - 2);
  address.host = authority;
  if (const std::size_t slash = rest.find('/'); slash != std::string::npos) address.path = rest.substr(slash);
  return address;
}

std::vector<tcp::endpoint> endpoints_of(const Address& address) {
  const auto port = static_cast<std::uint16_t>(std::stoi(address.port));
  // Not the resolver: what "localhost" is elsewhere does not matter here.
  if (address.host == "localhost")
    return {{asio::ip::address_v4::loopback(), port}, {asio::ip::address_v6::loopback(), port}};
  return {{asio::ip::make_address(address.host), port}};
}

void require_our_own(std::optional<uid_t> uid) {
  if (!uid) throw lost("nobody listens at the browser's address");
  if (*uid == ::geteuid()) return;
  throw Failure(Outcome::kOriginBlocked, "the browser at that address belongs to another user");
}

task<void> connect(beast::tcp_stream& stream, Address address, Deadline deadline) {
  stream.expires_at(deadline.when());
  boost::system::error_code error = asio::error::host_not_found;
  for (const tcp::endpoint& endpoint : endpoints_of(address)) {
    const auto listener = listener_uid(endpoint);
    if (!listener) continue;
    require_our_own(listener);
    co_await stream.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
    if (!error) break;
  }
  if (error) throw lost("nobody listens at the browser's address");
  stream.socket().set_option(tcp::no_delay(true));
}

/// Asks the browser where its websocket is.
task<Address> look_up(Address address, Deadline deadline) {
  beast::tcp_stream stream(co_await asio::this_coro::executor);
  co_await connect(stream, address, deadline);
  http::request<http::empty_body> request(http::verb::get, "/json/version", 11);
  request.set(http::field::host, address.authority());
  boost::system::error_code error;
  co_await http::async_write(stream, request, asio::redirect_error(asio::use_awaitable, error));
  beast::flat_buffer buffer(kMaxVersionPage);
  http::response_parser<http::string_body> parser;
  parser.header_limit(8192);
  parser.body_limit(kMaxVersionPage);
  if (!error) co_await http::async_read(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
  if (error) throw lost("what listens at the browser's address does not answer like a browser");
  const auto version = nlohmann::json::parse(parser.get().body(), nullptr, false);
  const auto found = version.is_object() ? version.find("webSocketDebuggerUrl") : version.end();
  if (found == version.end() || !found->is_string()) throw lost("what listens at the browser's address is no browser");
  Address socket = parse_address(found->get<std::string>());
  // Only the path is its to tell.
  address.scheme = "ws";
  address.path = socket.path;
  co_return address;
}

// Shared with its own handlers, which may still be queued when the transport is gone.
class Socket : public std::enable_shared_from_this<Socket> {
 public:
  explicit Socket(Stream stream) : stream_(std::move(stream)), buffer_(kMaxMessage) {}
  ~Socket() {
    for (Frame& frame : waiting_) wipe_if_secret(frame);
  }

  void start(Events events) {
    events_ = std::move(events);
    read();
  }

  void send(std::string message, Sensitivity sensitivity) {
    Frame frame{std::move(message), sensitivity};
    if (closed_) return wipe_if_secret(frame);
    waiting_.push_back(std::move(frame));
    if (!writing_) write();
  }

  void pause() { paused_ = true; }
  void resume() {
    paused_ = false;
    if (!closed_) read();
  }

  void close() {
    closed_ = true;
    events_ = {};
    boost::system::error_code ignored;
    // No closing handshake: the browser's contexts end with the connection.
    beast::get_lowest_layer(stream_).socket().close(ignored);
  }

 private:
  struct Frame {
    std::string text;
    Sensitivity sensitivity;
  };
  static void wipe_if_secret(Frame& frame) {
    if (frame.sensitivity == Sensitivity::kSecret) wipe(frame.text);
  }

  void read() {
    if (reading_ || paused_) return;
    reading_ = true;
    stream_.async_read(buffer_, [self = shared_from_this()](boost::system::error_code error, std::size_t) {
      if (self->closed_) return;
      if (error == websocket::error::buffer_overflow)
        return self->end("the browser sent a message beyond the size limit");
      if (error) return self->end("the browser closed its connection");
      std::string text = beast::buffers_to_string(self->buffer_.data());
      self->buffer_.clear();
      if (const auto handler = self->events_.message) handler(std::move(text));
      self->reading_ = false;
      if (!self->closed_) self->read();
    });
  }

  // One message, one frame; Beast writes them one after the other.
  void write() {
    writing_ = true;
    stream_.async_write(asio::buffer(waiting_.front().text),
                        [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                          self->writing_ = false;
                          wipe_if_secret(self->waiting_.front());
                          self->waiting_.pop_front();
                          if (self->closed_) return;
                          if (error) return self->end("the browser takes no more messages");
                          if (!self->waiting_.empty()) self->write();
                        });
  }

  void end(const char* reason) {
    const auto handler = std::move(events_.closed);
    close();
    if (handler) handler(reason);
  }

  Stream stream_;
  beast::flat_buffer buffer_;
  std::deque<Frame> waiting_;  // the first one is being written while writing_
  bool writing_ = false;
  bool closed_ = false;
  bool reading_ = false;
  bool paused_ = false;
  Events events_;
};

class WebsocketTransport final : public Transport {
 public:
  explicit WebsocketTransport(std::shared_ptr<Socket> socket) : socket_(std::move(socket)) {}
  ~WebsocketTransport() override { socket_->close(); }
  void start(Events events) override { socket_->start(std::move(events)); }
  void send(std::string message, Sensitivity sensitivity) override { socket_->send(std::move(message), sensitivity); }
  void pause() override { socket_->pause(); }
  void resume() override { socket_->resume(); }
  void close() override { socket_->close(); }

 private:
  std::shared_ptr<Socket> socket_;
};

}  // namespace

task<std::unique_ptr<Transport>> connect_websocket(std::string url, Deadline deadline) {
  Address address = parse_address(url);
  deadline = deadline.at_most(kHandshakeWithin);
  if (address.scheme == "http") address = co_await look_up(address, deadline);
  Stream stream(co_await asio::this_coro::executor);
  co_await connect(beast::get_lowest_layer(stream), address, deadline);
  // From here on the websocket keeps the time: of its handshake only, a browser may be silent for as long as it likes.
  beast::get_lowest_layer(stream).expires_never();
  stream.set_option(websocket::stream_base::timeout{.handshake_timeout = deadline.remaining(),
                                                    .idle_timeout = websocket::stream_base::none(),
                                                    .keep_alive_pings = false});
  websocket::permessage_deflate no_compression;
  no_compression.client_enable = false;
  stream.set_option(no_compression);
  // The read buffer's own limit holds instead: at this one Beast would first wait for a closing handshake.
  stream.read_message_max(0);
  stream.auto_fragment(false);
  boost::system::error_code error;
  co_await stream.async_handshake(address.authority(), address.path, asio::redirect_error(asio::use_awaitable, error));
  if (error) throw lost("what listens at the browser's address is no browser");
  // It has accepted now, so the connection itself has an owner: a listener may have been replaced meanwhile.
  const auto& socket = beast::get_lowest_layer(stream).socket();
  require_our_own(peer_uid(socket.local_endpoint(), socket.remote_endpoint()));
  co_return std::make_unique<WebsocketTransport>(std::make_shared<Socket>(std::move(stream)));
}

}  // namespace totpilot::transport
