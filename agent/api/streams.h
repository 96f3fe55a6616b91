#pragma once
// The kinds of stream that are talked over. Of this room only.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>

namespace totpilot::api {

/// Errors as values: a client that goes is no exception.
inline constexpr auto kResult = boost::asio::as_tuple(boost::asio::use_awaitable);

using UnixStream = boost::beast::basic_stream<boost::asio::local::stream_protocol>;
using TcpStream = boost::beast::tcp_stream;
using TlsStream = boost::asio::ssl::stream<boost::beast::tcp_stream>;

}  // namespace totpilot::api
