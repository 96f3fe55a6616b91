#pragma once
// Scan: from the bytes of a picture to the texts of its QR codes. Part of totpilot-qr.
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace totpilot::qr::child {

/// At most two texts, UTF-8; none when there is no code. Tries what pages do to codes: no quiet zone, light on dark,
/// transparency, tiny modules, a code in a corner of a large screenshot. An error for what is no picture, a code that
/// holds no text, and two different otpauth URIs.
std::expected<std::vector<std::string>, std::string> scan(std::string_view picture);

}  // namespace totpilot::qr::child
