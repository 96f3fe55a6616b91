#pragma once
// Known answers, checked once at the start of main: a library that computes wrongly must not touch a secret.

namespace totpilot::crypto {

/// AES-256-GCM (NIST), HMAC (RFC 4231), a TOTP value (RFC 6238), Argon2id with tiny parameters. About a millisecond.
/// Throws Failure(internal) naming the first that is wrong.
void self_test();

}  // namespace totpilot::crypto
