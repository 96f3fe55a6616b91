#pragma once
// KeyMaterial: what a person brings as a TOTP secret, recognized by its bytes: a picture of a QR code, an otpauth or
// otpauth-migration URI, or the bare key in base32.
#include <string>

#include "agent/base/async.h"
#include "agent/base/deadline.h"
#include "agent/services/factors.h"
#include "agent/totp/otpauth.h"

namespace totpilot::services {

struct KeyMaterial {
  totp::OtpAuth otpauth;
  std::string source;  // "import:picture", "import:uri", "import:migration", "import:base32"
};

/// What a person brings, as text.
struct KeyText {
  Secret text;
  bool from_picture = false;  // of its QR code
};

/// Reads a picture, which stays on this machine; text is given back as it is. invalid_input for another file, and for
/// a QR code of something else.
task<KeyText> read_key_text(Secret material, Deadline deadline);

/// invalid_input says what is wrong with it and never quotes it.
task<KeyMaterial> read_key_material(const ImportFactor& request, Deadline deadline);

}  // namespace totpilot::services
