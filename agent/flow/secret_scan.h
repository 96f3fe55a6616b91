#pragma once
// SecretScan: finds the TOTP secret among the texts of a page, and refuses to guess. Pure; nothing it says holds a
// secret.
#include <optional>
#include <string>
#include <vector>

#include "agent/flow/page_text.h"
#include "agent/totp/otpauth.h"

namespace totpilot::flow {

struct FoundSecret {
  totp::OtpAuth otpauth;
  std::string source;               // routes that agree, in the order of trust: "qr+text"
  std::vector<std::string> places;  // where it was read
  bool by_uri = false;              // an otpauth URI gave key and parameters; else the parameters are the defaults
};

/// Nothing where no text holds a secret.
///
/// otpauth URIs win, being unmistakable; they must all agree. A key as text counts when it is 16 to 128 base32
/// characters in one case, in one run or in equal groups, and either stands in a place the playbook names, or looks
/// like a key (a digit among the letters, or a word like "secret" beside it). Three or more of one shape are a list of
/// recovery codes, not keys. secret_mismatch, naming the places, when what counts does not agree; secret_not_found for
/// a URI that cannot be used.
std::optional<FoundSecret> find_secret(const PageText& texts);

/// `text` with whatever looks like a secret, a URI of one or a recovery code masked; for the outline of a page that
/// still shows them.
std::string mask_secret_like(std::string_view text);

}  // namespace totpilot::flow
