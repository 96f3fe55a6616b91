#pragma once
// The pieces of a URI that the otpauth readers share. For this room only.
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace totpilot::totp {

enum class Plus { kStays, kIsSpace };

/// RFC 3986 section 2.1; nothing for a broken escape or a control character.
std::optional<std::string> percent_decode(std::string_view text, Plus plus);

struct QueryItem {
  std::string_view name;   // as written
  std::string_view value;  // as written
};
std::vector<QueryItem> split_query(std::string_view query);

/// ASCII only.
std::string lower_case(std::string_view text);
bool same_ignoring_case(std::string_view a, std::string_view b);
/// White space of ASCII at both ends.
std::string_view trimmed(std::string_view text);

/// For an error text: the value if it is a short word, else "what it says".
std::string quotable(std::string_view value);

}  // namespace totpilot::totp
