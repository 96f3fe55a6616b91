#pragma once
// What a member signs in with: a password (Argon2id, then an HMAC with a key of the vault, so that a thief of the
// database has nothing to guess against), a TOTP key sealed by the vault, recovery codes as hashes. Blocking; on the
// pool.
#include <string>
#include <vector>

#include "agent/base/secret.h"
#include "agent/crypto/kdf.h"
#include "agent/store/people_rows.h"
#include "agent/vault/vault.h"

namespace totpilot::services {

/// invalid_input for one that is too short to be a password, with what is wanted.
void require_good_password(const Secret& password);
/// Sets hash, salt and parameters.
void set_password(store::MemberRow& member, const Secret& password, vault::Vault& vault,
                  const crypto::Argon2Parameters& argon2 = {});
/// In constant time. For a member without a password it takes as long, and is false.
bool password_right(const store::MemberRow& member, const Secret& password, const vault::Vault& vault);

/// A fresh TOTP key, sealed into the row; gives its otpauth URI, for the member's authenticator.
Secret make_member_totp(store::MemberRow& member, vault::Vault& vault);
/// The start (ms) of the window that this code is of: the present one or a neighbour; 0 for none.
std::int64_t window_of_code(const store::MemberRow& member, const Secret& code, const vault::Vault& vault,
                            TimePoint now);

struct MemberCodes {
  std::vector<Secret> codes;  // "abcd-efgh-jkmn-pqrs"
  std::vector<std::string> hashes;
};
MemberCodes make_member_codes(const vault::Vault& vault);
/// Written with or without dashes, in either case.
std::string hash_of_member_code(const Secret& code, const vault::Vault& vault);

}  // namespace totpilot::services
