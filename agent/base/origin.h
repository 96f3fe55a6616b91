#pragma once
// Origin: scheme, host and port of an address (RFC 6454), the unit that secrets are pinned to. Only http and https
// exist here. Our own parsing decides where to navigate; whether a secret may be typed is decided by the page's own
// self.origin, compared to text() as a string.
#include <compare>
#include <expected>
#include <string>
#include <string_view>

namespace totpilot {

enum class Transport { kSecure, kLoopback, kPlain };

class Origin {
 public:
  /// From any http(s) URL or origin text; the error says what is wrong with it. Refuses user information, other
  /// schemes, bad ports.
  static std::expected<Origin, std::string> parse(std::string_view url);

  /// As browsers serialize it: lower case, punycode, default port left out: "https://app.example",
  /// "http://127.0.0.1:8101".
  const std::string& text() const { return text_; }
  /// https; http to 127.0.0.0/8, ::1 or localhost; any other http.
  Transport transport() const { return transport_; }
  std::strong_ordering operator<=>(const Origin& other) const { return text_ <=> other.text_; }
  bool operator==(const Origin& other) const { return text_ == other.text_; }

 private:
  std::string text_;
  Transport transport_ = Transport::kPlain;
};

}  // namespace totpilot
