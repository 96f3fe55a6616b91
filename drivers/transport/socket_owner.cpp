#include "drivers/transport/socket_owner.h"

#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>

namespace totpilot::transport {
namespace {

namespace ip = boost::asio::ip;
using Endpoint = ip::tcp::endpoint;

constexpr std::string_view kListen = "0A";

template <class Number>
bool read_hex(std::string_view text, Number& number) {
  return std::from_chars(text.data(), text.data() + text.size(), number, 16).ptr == text.data() + text.size();
}

/// "0100007F:1F90": 32-bit words as this machine holds them, then the port.
std::optional<Endpoint> read_endpoint(std::string_view text) {
  const std::size_t colon = text.find(':');
  std::uint16_t port = 0;
  if ((colon != 8 && colon != 32) || !read_hex(text.substr(colon + 1), port)) return std::nullopt;
  std::array<unsigned char, 16> bytes{};
  for (std::size_t word = 0; word < colon / 8; ++word) {
    std::uint32_t value = 0;
    if (!read_hex(text.substr(word * 8, 8), value)) return std::nullopt;
    std::memcpy(bytes.data() + word * 4, &value, 4);
  }
  if (colon == 8) return Endpoint(ip::address_v4({bytes[0], bytes[1], bytes[2], bytes[3]}), port);
  const ip::address_v6 address(bytes);
  if (address.is_v4_mapped()) return Endpoint(ip::make_address_v4(ip::v4_mapped, address), port);
  return Endpoint(address, port);
}

std::vector<TcpRow> all_rows() {
  std::vector<TcpRow> rows;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(table);
    std::ostringstream text;
    text << file.rdbuf();
    const auto part = read_tcp_table(text.str());
    rows.insert(rows.end(), part.begin(), part.end());
  }
  return rows;
}

}  // namespace

std::vector<TcpRow> read_tcp_table(std::string_view text) {
  std::vector<TcpRow> rows;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string number, local, remote, state, queues, timer, retransmits;
    uid_t uid = 0;
    if (!(fields >> number >> local >> remote >> state >> queues >> timer >> retransmits >> uid)) continue;
    const auto here = read_endpoint(local);
    const auto there = read_endpoint(remote);
    if (here && there) rows.push_back({.local = *here, .remote = *there, .listening = state == kListen, .uid = uid});
  }
  return rows;
}

std::optional<uid_t> listener_uid(const Endpoint& endpoint) {
  std::optional<uid_t> any;
  for (const TcpRow& row : all_rows()) {
    if (!row.listening || row.local.port() != endpoint.port()) continue;
    if (row.local.address() == endpoint.address()) return row.uid;
    // Listening everywhere; an exact address, if there is one, wins.
    if (row.local.address().is_unspecified()) any = row.uid;
  }
  return any;
}

std::optional<uid_t> peer_uid(const Endpoint& ours, const Endpoint& theirs) {
  for (const TcpRow& row : all_rows()) {
    if (!row.listening && row.local == theirs && row.remote == ours) return row.uid;
  }
  return std::nullopt;
}

}  // namespace totpilot::transport
