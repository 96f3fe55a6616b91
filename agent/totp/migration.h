#pragma once
// otpauth-migration URIs: what Google Authenticator shows when accounts are moved to another phone (a protobuf, base64,
// in a query). Pure; reads only.
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "agent/totp/otpauth.h"

namespace totpilot::totp {

struct Migration {
  std::vector<OtpAuth> entries;
  std::vector<std::string>
      refused;          // why an entry was left out, with its name: "entry 2 (Example): counter-based (HOTP)"
  int batch_index = 0;  // this picture's place among batch_size, from 0
  int batch_size = 1;
};

/// Entries that we cannot make codes for (HOTP, MD5) are listed in `refused`; a damaged payload is an error as a whole.
std::expected<Migration, std::string> parse_migration(std::string_view uri);

bool looks_like_migration(std::string_view text);

}  // namespace totpilot::totp
