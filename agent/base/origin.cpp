#include "agent/base/origin.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <cctype>

namespace totpilot {
namespace {

bool is_loopback(const boost::urls::url_view& url) {
  if (url.host_type() == boost::urls::host_type::ipv4) return url.host_ipv4_address().is_loopback();
  if (url.host_type() == boost::urls::host_type::ipv6) return url.host_ipv6_address().is_loopback();
  return false;
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
  if (!https && url.scheme_id() != boost::urls::scheme::http) return std::unexpected("must begin with https:// or http://");
  if (!url.has_authority() || url.host().empty()) return std::unexpected("names no host");
  if (url.has_userinfo()) return std::unexpected("must not hold a user name or password");
  if (url.has_port() && url.port().size() > 0 && url.port_number() == 0) return std::unexpected("has a port that does not exist");
  const std::string host = lower(std::string(url.encoded_host()));
  if (host.find('%') != std::string::npos) return std::unexpected("has an escaped character in its host name");
  if (host.ends_with('.')) return std::unexpected("has a host name that ends in a dot");

  Origin origin;
  origin.text_ = (https ? "https://" : "http://") + host;
  if (const unsigned port = url.port_number(); port != 0 && port != (https ? 443U : 80U)) origin.text_ += ":" + std::to_string(port);
  const bool local = is_loopback(url) || host == "localhost" || host.ends_with(".localhost");
  origin.transport_ = https ? Transport::kSecure : (local ? Transport::kLoopback : Transport::kPlain);
  return origin;
}

}  // namespace totpilot
