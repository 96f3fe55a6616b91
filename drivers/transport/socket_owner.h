#pragma once
// Who owns the far end of a loopback TCP connection, as /proc/net/tcp and tcp6 tell it. Blocking for microseconds.
#include <sys/types.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace totpilot::transport {

/// One row of the kernel's table.
struct TcpRow {
  boost::asio::ip::tcp::endpoint local;
  boost::asio::ip::tcp::endpoint remote;
  bool listening = false;
  uid_t uid = 0;
};

/// The rows of a table's text; rows that it cannot read are left out. Pure.
std::vector<TcpRow> read_tcp_table(std::string_view text);

/// The uid that listens where `endpoint` would be answered; nothing when nobody does.
std::optional<uid_t> listener_uid(const boost::asio::ip::tcp::endpoint& endpoint);
/// The uid at the other end of our connection, once it has accepted it.
std::optional<uid_t> peer_uid(const boost::asio::ip::tcp::endpoint& ours, const boost::asio::ip::tcp::endpoint& theirs);

}  // namespace totpilot::transport
