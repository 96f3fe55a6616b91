#pragma once
// otpauth URIs, the text that a QR code of an MFA page holds: the key with everything that codes need. Pure. What the
// URI says and we do not know is refused, never assumed; what it leaves out has the default that the format gives it
// (SHA1, 6 digits, 30 s).
#include <expected>
#include <string>
#include <string_view>

#include "agent/base/secret.h"
#include "agent/totp/parameters.h"

namespace totpilot::totp {

struct OtpAuth {
  Secret key;  // raw bytes
  Parameters parameters;
  std::string issuer;   // may be empty
  std::string account;  // the label without the issuer before its colon; may be empty
  /// Parameters that are not the format's own, as a URI's query in their order: "image=https%3A%2F%2F...&lock=true";
  /// may be empty.
  std::string vendor;
};

/// otpauth://totp/..., otpauth://steam/... and steam://KEY. The error names what is wrong and never quotes the key.
/// Refused: HOTP, unknown algorithms, digits or periods, parameters given twice, text that is not UTF-8, more than 8
/// KiB.
std::expected<OtpAuth, std::string> parse_otpauth(std::string_view uri);

/// A URI that parse_otpauth and the authenticator apps read back to the same; algorithm, digits and period always
/// written out.
Secret print_otpauth(const OtpAuth& otpauth);

/// Does the text begin like a URI that parse_otpauth is for? (It may still be refused.)
bool looks_like_otpauth(std::string_view text);

}  // namespace totpilot::totp
