#include "agent/api/server.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <list>

#include "agent/api/connection.h"
#include "agent/api/streams.h"
#include "agent/api/tls.h"
#include "agent/base/failure.h"
#include "agent/base/log.h"

namespace totpilot::api {

namespace asio = boost::asio;
using asio::ip::tcp;
using unix_protocol = asio::local::stream_protocol;

namespace {

constexpr auto kAcceptPause = std::chrono::milliseconds(100);  // where the system has no descriptor left

tcp::endpoint endpoint_of(const std::string& address) {
  const Failure wrong(Outcome::kInvalidInput, "the address to listen on cannot be used", "as in 127.0.0.1:8443");
  const auto colon = address.rfind(':');
  if (colon == address.npos) throw wrong;
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(host, error);
  unsigned port = 0;
  const auto* end = address.data() + address.size();
  const auto read = std::from_chars(address.data() + colon + 1, end, port);
  if (error || read.ec != std::errc() || read.ptr != end || port > 65535) throw wrong;
  return {ip, static_cast<unsigned short>(port)};
}

tcp::acceptor listen_on_tcp(asio::io_context& context, const Listening& listening) {
  const tcp::endpoint endpoint = endpoint_of(listening.address);
  if (!endpoint.address().is_loopback() && listening.tls_certificate.empty())
    throw Failure(Outcome::kInvalidInput, "an address that others can reach wants TLS",
                  "give --tls-cert and --tls-key, or listen on 127.0.0.1");
  try {
    tcp::acceptor acceptor(context, endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen();
    return acceptor;
  } catch (const boost::system::system_error& error) {
    throw Failure(Outcome::kBusy, fmt::format("cannot listen on {}: {}", listening.address, error.code().message()),
                  "choose another address: --listen 127.0.0.1:PORT");
  }
}

/// For the holder of the state directory's lock: a socket that is there was left by a dead process.
unix_protocol::acceptor listen_on_unix(asio::io_context& context, const std::filesystem::path& path) {
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  try {
    unix_protocol::acceptor acceptor(context, unix_protocol::endpoint(path.string()));
    if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0)
      throw Failure(Outcome::kStorageFailed, fmt::format("{}: cannot be kept from others", path.string()));
    return acceptor;
  } catch (const boost::system::system_error& error) {
    throw Failure(Outcome::kStorageFailed,
                  fmt::format("cannot listen on {}: {}", path.string(), error.code().message()),
                  "a socket's path has at most 107 bytes: choose a shorter --state");
  }
}

Peer peer_of(unix_protocol::socket& socket) {
  ucred who{};
  socklen_t size = sizeof(who);
  Peer peer{.way = Peer::Way::kUnix, .address = "unix", .uid = {}, .pid = 0};
  if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return peer;
  peer.address = fmt::format("uid {}", who.uid);
  peer.uid = who.uid;
  peer.pid = who.pid;
  return peer;
}

Peer peer_of(tcp::socket& socket, Peer::Way way) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  return {.way = way, .address = error ? "gone" : endpoint.address().to_string(), .uid = {}, .pid = 0};
}

}  // namespace

struct Server::State {
  State(asio::io_context& io, Listening where, Limits most, Answerer answerer)
      : context(io),
        listening(std::move(where)),
        limits(most),
        answer(std::move(answerer)),
        gone(io, Deadline::Clock::time_point::max()),
        local(listen_on_unix(io, listening.socket)) {
    if (!listening.tls_certificate.empty()) tls.emplace(listening.tls_certificate, listening.tls_key);
    if (!listening.address.empty()) remote.emplace(listen_on_tcp(io, listening));
  }

  asio::io_context& context;
  Listening listening;
  Limits limits;
  Answerer answer;
  asio::steady_timer gone;  // cancelled when the last connection has ended
  std::list<Connection> open;
  std::optional<TlsFiles> tls;
  unix_protocol::acceptor local;
  std::optional<tcp::acceptor> remote;
  bool stopping = false;

  using Place = std::list<Connection>::iterator;

  std::size_t count_of(const std::string& address) const {
    return static_cast<std::size_t>(
        std::ranges::count(open, address, [](const Connection& one) { return one.peer.address; }));
  }

  /// The one that has waited longest for its request; of this address, or of all when it is empty.
  bool make_room(const std::string& address) {
    Connection* oldest = nullptr;
    for (Connection& one : open)
      if (one.doing == Connection::Doing::kWaiting && !one.last && (address.empty() || one.peer.address == address) &&
          (oldest == nullptr || one.since < oldest->since))
        oldest = &one;
    if (oldest == nullptr) return false;
    oldest->cut();
    return true;
  }

  bool may_come_in(const Peer& peer) {
    if (count_of(peer.address) >= limits.connections_per_peer && !make_room(peer.address)) return false;
    return open.size() < limits.connections || make_room("");
  }

  /// Takes a connection in and talks in the background until it ends.
  template <class Begin>
  void take(const std::shared_ptr<State>& self, Peer peer, Begin begin) {
    if (stopping || !may_come_in(peer)) return;
    open.emplace_back().peer = std::move(peer);
    const Place place = std::prev(open.end());
    asio::co_spawn(context, begin(self, place),
                   asio::bind_cancellation_slot(place->cancel.slot(), [self, place](const std::exception_ptr&) {
                     // A client that went or was cut is no news.
                     self->open.erase(place);
                     if (self->open.empty()) self->gone.cancel();
                   }));
  }

  template <class Stream>
  static task<void> plain(std::shared_ptr<State> self, Place place, std::shared_ptr<Stream> stream) {
    co_await talk(*stream, *place, self->limits, self->answer);
  }

  static task<void> secured(std::shared_ptr<State> self, Place place, std::shared_ptr<TcpStream> socket) {
    const auto context = self->tls->current();
    TlsStream stream(std::move(*socket), *context);
    boost::beast::get_lowest_layer(stream).expires_after(self->limits.head);
    co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
    co_await talk(stream, *place, self->limits, self->answer);
  }

  void take_unix(const std::shared_ptr<State>& self, unix_protocol::socket socket) {
    Peer peer = peer_of(socket);
    auto stream = std::make_shared<UnixStream>(std::move(socket));
    take(self, std::move(peer), [stream](const auto& state, Place place) { return plain(state, place, stream); });
  }

  void take_tcp(const std::shared_ptr<State>& self, tcp::socket socket) {
    Peer peer = peer_of(socket, tls ? Peer::Way::kTls : Peer::Way::kTcp);
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    auto stream = std::make_shared<TcpStream>(std::move(socket));
    take(self, std::move(peer), [stream, encrypted = tls.has_value()](const auto& state, Place place) {
      return encrypted ? secured(state, place, stream) : plain(state, place, stream);
    });
  }

  /// Where no descriptor is left, whoever waits longest gives one back.
  task<void> after_failed_accept() {
    if (!make_room("")) log::warn("a connection could not be taken: the system has no room for it");
    co_await pause_until(Deadline::Clock::now() + kAcceptPause);
  }

  static task<void> accept_unix(std::shared_ptr<State> self) {
    while (!self->stopping) {
      auto [error, socket] = co_await self->local.async_accept(kResult);
      if (!error)
        self->take_unix(self, std::move(socket));
      else if (!self->stopping)
        co_await self->after_failed_accept();
    }
  }

  static task<void> accept_tcp(std::shared_ptr<State> self) {
    while (!self->stopping) {
      auto [error, socket] = co_await self->remote->async_accept(kResult);
      if (!error)
        self->take_tcp(self, std::move(socket));
      else if (!self->stopping)
        co_await self->after_failed_accept();
    }
  }

  void close_listeners() {
    boost::system::error_code ignored;
    local.close(ignored);
    if (remote) remote->close(ignored);
    std::error_code unimportant;
    std::filesystem::remove(listening.socket, unimportant);
  }
};

Server::Server(asio::io_context& context, Listening listening, Limits limits, Answerer answer)
    : state_(std::make_shared<State>(context, std::move(listening), limits, std::move(answer))) {
  asio::co_spawn(context, State::accept_unix(state_), [](const std::exception_ptr&) {});
  if (state_->remote) asio::co_spawn(context, State::accept_tcp(state_), [](const std::exception_ptr&) {});
}

Server::~Server() { stop(); }

unsigned short Server::port() const {
  if (!state_->remote || !state_->remote->is_open()) return 0;
  return state_->remote->local_endpoint().port();
}

std::size_t Server::connections() const { return state_->open.size(); }

void Server::refuse() {
  if (state_->stopping) return;
  state_->stopping = true;
  state_->close_listeners();
}

void Server::stop() {
  refuse();
  for (Connection& one : state_->open) {
    if (one.doing == Connection::Doing::kAnswering)
      one.last = true;
    else
      one.cut();
  }
}

task<void> Server::stopped(Deadline deadline) {
  if (state_->open.empty()) co_return;
  state_->gone.expires_at(deadline.when());
  co_await state_->gone.async_wait(kResult);
}

}  // namespace totpilot::api
