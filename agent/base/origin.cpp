#include "agent/base/origin.h"

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <cctype>
#include <charconv>
#include <optional>

namespace totpilot {
namespace {

bool is_loopback(const std::string& host) {
  boost::system::error_code error;
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  const auto address = boost::asio::ip::make_address(bracketed ? host.substr(1, host.size() - 2) : host, error);
  return !error && address.is_loopback();
}

/// A port as RFC 3986 writes it; 0 for none, nothing for one that does not exist.
std::optional<unsigned> port_of(std::string_view digits) {
  if (digits.empty()) return 0U;
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0 || port > 65535) return std::nullopt;
  return port;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

std::expected<Origin, std::string> Origin::parse(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F || c == '\\')
      return std::unexpected("has a character that an address cannot hold (write names of other scripts in punycode)");
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed) return std::unexpected("is not an address such as https://app.example");
  const boost::urls::url_view& url = *parsed;
  const bool https = url.scheme_id() == boost::urls::scheme::https;
  if (!https && url.scheme_id() != boost::urls::scheme::http)
    return std::unexpected("must begin with https:// or http://");
  if (!url.has_authority() || url.host().empty()) return std::unexpected("names no host");
  // Boost.URL 1.81 reads "http://127.0.0.1.evil.example" as the host 127.0.0.1 and the path ".evil.example": trust
  // nothing that does not end where RFC 3986 section 3.2 ends an authority.
  const std::string_view rest = text.substr(text.find("://") + 3);
  if (rest.substr(0, rest.find_first_of("/?#")) != std::string_view(url.encoded_authority()))
    return std::unexpected("has a host name that can be read in two ways");
  if (url.has_userinfo()) return std::unexpected("must not hold a user name or password");
  const std::optional<unsigned> port = port_of(std::string_view(url.port()));
  if (!port) return std::unexpected("has a port that does not exist");
  const std::string host = lower(std::string(url.encoded_host()));
  if (host.find('%') != std::string::npos) return std::unexpected("has an escaped character in its host name");
  if (host.ends_with('.')) return std::unexpected("has a host name that ends in a dot");

  Origin origin;
  origin.text_ = (https ? "https://" : "http://") + host;
  if (*port != 0 && *port != (https ? 443U : 80U)) origin.text_ += ":" + std::to_string(*port);
  const bool local = is_loopback(host) || host == "localhost" || host.ends_with(".localhost");
  origin.transport_ = https ? Transport::kSecure : (local ? Transport::kLoopback : Transport::kPlain);
  return origin;
}

}  // namespace totpilot
