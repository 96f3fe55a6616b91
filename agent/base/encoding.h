#pragma once
// Text encodings without meaning of their own. Pure. Strings in, strings out; decoders return nothing for bad input.
#include <optional>
#include <string>
#include <string_view>

namespace totpilot {

/// RFC 4648 section 4, with padding.
std::string base64_encode(std::string_view bytes);
/// Strict: the standard alphabet, right padding, no spaces, zero trailing bits.
std::optional<std::string> base64_decode(std::string_view text);
/// Lower case.
std::string hex_encode(std::string_view bytes);
std::optional<std::string> hex_decode(std::string_view text);
/// RFC 3986 section 2.1: everything but the unreserved characters.
std::string url_encode(std::string_view text);
/// The inside of a JSON string: escapes quotes, backslashes, control characters.
std::string json_escape(std::string_view text);
/// Is it well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates)?
bool is_utf8(std::string_view text);

}  // namespace totpilot
