#pragma once
// Words that web apps use for the same few things, in English, German, French and Spanish. Used to name what stands on
// a page, never to decide that something worked: success is only what the playbook's conditions or a fresh login show.
#include <string>
#include <string_view>
#include <vector>

namespace totpilot::flow::words {

/// "invalid user or password", ...
const std::vector<std::string>& bad_credentials();
/// The account is locked or suspended.
const std::vector<std::string>& locked_out();
/// "too many requests", ...
const std::vector<std::string>& rate_limited();
/// "I am not a robot", ...
const std::vector<std::string>& captcha();
/// A code was refused.
const std::vector<std::string>& code_rejected();
/// "can't scan it?": what shows the key as text.
const std::vector<std::string>& reveals_key();

/// Does `text` hold a word for a TOTP key ("secret", "Schlüssel")? Any case.
bool names_a_key(std::string_view text);
/// Does `text` hold a word for recovery codes ("backup", "Wiederherstellung")? Any case.
bool names_recovery_codes(std::string_view text);

}  // namespace totpilot::flow::words
