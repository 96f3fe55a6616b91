#include "agent/api/connection.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include "agent/api/problem.h"
#include "agent/api/streams.h"
#include "agent/api/wiped.h"

namespace totpilot::api {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

constexpr std::size_t kPiece = 4096;

using Parser = http::request_parser<WipedBody>;

enum class Next { kRequest, kClose };

/// The answer to what could not be read; nothing where nobody is left to read it.
std::optional<Reply> refusal_of(const beast::error_code& error) {
  if (error == http::error::header_limit)
    return problem(431, Failure(Outcome::kInvalidInput, "the headers are too large"), "");
  if (error == http::error::body_limit)
    return problem(413, Failure(Outcome::kInvalidInput, "the body is too large"), "");
  if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
  if (error.category() == http::make_error_code(http::error::bad_method).category())
    return problem(400, Failure(Outcome::kInvalidInput, "this is no HTTP request"), "");
  return std::nullopt;
}

Incoming incoming_of(Parser& parser, const Peer& peer) {
  auto request = parser.release();
  Incoming incoming;
  incoming.peer = peer;
  incoming.verb.assign(request.method_string().data(), request.method_string().size());
  incoming.target.assign(request.target().data(), request.target().size());
  incoming.body = std::move(request.body());
  incoming.headers = std::move(static_cast<http::fields&>(request));
  return incoming;
}

void put_headers(auto& response, const Reply& reply, Next next) {
  response.result(reply.status);
  response.set(http::field::server, "totpilot");
  response.set(http::field::content_type, reply.type);
  response.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : reply.headers) response.set(name, value);
  response.keep_alive(next == Next::kRequest);
}

template <class Stream>
task<bool> write_reply(Stream& stream, Reply reply, const Limits& limits, Next next) {
  http::response<WipedBody> response;
  response.version(11);
  put_headers(response, reply, next);
  response.body() = std::move(reply.body);
  response.prepare_payload();
  beast::get_lowest_layer(stream).expires_after(limits.write);
  const auto [error, bytes] = co_await http::async_write(stream, response, kResult);
  co_return !error;
}

template <class Stream>
task<void> write_feed(Stream& stream, Reply reply, const Limits& limits) {
  http::response<http::empty_body> response;
  response.version(11);
  put_headers(response, reply, Next::kClose);
  response.chunked(true);
  http::response_serializer<http::empty_body> head(response);
  beast::get_lowest_layer(stream).expires_after(limits.write);
  if (const auto [error, bytes] = co_await http::async_write_header(stream, head, kResult); error) co_return;
  for (;;) {
    beast::get_lowest_layer(stream).expires_never();
    const std::string piece = co_await reply.feed->next();
    beast::get_lowest_layer(stream).expires_after(limits.write);
    if (piece.empty()) break;
    if (const auto [error, bytes] = co_await asio::async_write(stream, http::make_chunk(asio::buffer(piece)), kResult);
        error)
      co_return;
  }
  co_await asio::async_write(stream, http::make_chunk_last(), kResult);
}

/// A whole request; an error where it did not come in time or cannot be read.
template <class Stream>
task<beast::error_code> read_request(Stream& stream, WipedBuffer& buffer, Parser& parser, const Limits& limits) {
  auto& lowest = beast::get_lowest_layer(stream);
  if (buffer.size() == 0) {
    lowest.expires_after(limits.idle);
    const auto [error, bytes] = co_await stream.async_read_some(buffer.prepare(kPiece), kResult);
    if (error) co_return error;
    buffer.commit(bytes);
  }
  lowest.expires_after(limits.head);
  if (const auto [error, bytes] = co_await http::async_read_header(stream, buffer, parser, kResult); error)
    co_return error;
  lowest.expires_after(limits.body);
  if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    http::response<http::empty_body> go_on(http::status::continue_, 11);
    if (const auto [error, bytes] = co_await http::async_write(stream, go_on, kResult); error) co_return error;
  }
  const auto [error, bytes] = co_await http::async_read(stream, buffer, parser, kResult);
  co_return error;
}

}  // namespace

namespace {

/// Lets others close the socket while the connection talks.
class Closable {
 public:
  template <class Stream>
  Closable(Connection& connection, Stream& stream) : connection_(connection) {
    connection_.close = [&stream] { beast::get_lowest_layer(stream).close(); };
  }
  ~Closable() { connection_.close = {}; }
  Closable(const Closable&) = delete;
  Closable& operator=(const Closable&) = delete;

 private:
  Connection& connection_;
};

}  // namespace

template <class Stream>
task<void> talk(Stream& stream, Connection& connection, const Limits& limits, const Answerer& answer) {
  const Closable closable(connection, stream);
  WipedBuffer buffer(limits.head_bytes + kPiece);
  while (!connection.last) {
    connection.becomes(Connection::Doing::kWaiting);
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(limits.head_bytes));
    parser.body_limit(limits.body_bytes);
    if (const auto error = co_await read_request(stream, buffer, parser, limits)) {
      if (auto refusal = refusal_of(error)) co_await write_reply(stream, std::move(*refusal), limits, Next::kClose);
      co_return;
    }
    connection.becomes(Connection::Doing::kAnswering);
    beast::get_lowest_layer(stream).expires_never();
    const bool keep = parser.get().keep_alive();
    Reply reply = co_await answer(incoming_of(parser, connection.peer));
    if (reply.feed) {
      connection.becomes(Connection::Doing::kStreaming);
      if (connection.last) co_return;
      co_await write_feed(stream, std::move(reply), limits);
      co_return;
    }
    const Next next = keep && !connection.last ? Next::kRequest : Next::kClose;
    if (!co_await write_reply(stream, std::move(reply), limits, next) || next == Next::kClose) co_return;
  }
}

template task<void> talk(UnixStream&, Connection&, const Limits&, const Answerer&);
template task<void> talk(TcpStream&, Connection&, const Limits&, const Answerer&);
template task<void> talk(TlsStream&, Connection&, const Limits&, const Answerer&);

}  // namespace totpilot::api
