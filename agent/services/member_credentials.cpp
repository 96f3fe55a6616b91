#include "agent/services/member_credentials.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "agent/base/encoding.h"
#include "agent/base/failure.h"
#include "agent/crypto/hmac.h"
#include "agent/crypto/random.h"
#include "agent/totp/code.h"
#include "agent/totp/otpauth.h"
#include "agent/totp/window.h"
#include "agent/vault/seal_context.h"

namespace totpilot::services {
namespace {

constexpr std::size_t kShortestPassword = 12;
constexpr std::size_t kLongestPassword = 1024;
constexpr std::size_t kTotpBytes = 20;
constexpr int kMemberCodes = 10;
constexpr std::size_t kCodeLetters = 16;
constexpr std::string_view kPasswordKey = "totpilot member password 1";
constexpr std::string_view kCodeKey = "totpilot member recovery code 1";

std::string keyed_hash(const vault::Vault& vault, std::string_view label, const Secret& value) {
  return base64_encode(crypto::hmac(crypto::Hash::kSha256, vault.subkey(label), value.reveal()).reveal());
}

crypto::Argon2Parameters parameters_of(const store::MemberRow& member) {
  const auto json = nlohmann::json::parse(member.password_parameters, nullptr, false);
  if (!json.is_object()) return {};
  crypto::Argon2Parameters parameters;
  parameters.memory_kib = json.value("memory_kib", parameters.memory_kib);
  parameters.passes = json.value("passes", parameters.passes);
  parameters.lanes = json.value("lanes", parameters.lanes);
  return parameters;
}

std::string hash_password(const Secret& password, const std::string& salt, const crypto::Argon2Parameters& argon2,
                          const vault::Vault& vault) {
  return keyed_hash(vault, kPasswordKey, crypto::derive_from_passphrase(password, salt, argon2));
}

}  // namespace

void require_good_password(const Secret& password) {
  if (password.size() < kShortestPassword)
    throw Failure(Outcome::kInvalidInput, "the password is too short", "take at least 12 characters; a few words do");
  if (password.size() > kLongestPassword) throw Failure(Outcome::kInvalidInput, "the password is too long");
}

void set_password(store::MemberRow& member, const Secret& password, vault::Vault& vault,
                  const crypto::Argon2Parameters& argon2) {
  require_good_password(password);
  const std::string salt = crypto::random_bytes(crypto::kSaltBytes);
  member.password_salt = base64_encode(salt);
  member.password_parameters =
      nlohmann::json{{"memory_kib", argon2.memory_kib}, {"passes", argon2.passes}, {"lanes", argon2.lanes}}.dump();
  member.password_hash = hash_password(password, salt, argon2, vault);
}

bool password_right(const store::MemberRow& member, const Secret& password, const vault::Vault& vault) {
  const std::string salt = base64_decode(member.password_salt).value_or("");
  const bool usable = salt.size() == crypto::kSaltBytes && !member.password_hash.empty();
  const std::string hash = hash_password(password, usable ? salt : std::string(crypto::kSaltBytes, '\0'),
                                         usable ? parameters_of(member) : crypto::Argon2Parameters(), vault);
  return Secret::copy_of(hash).same_as(Secret::copy_of(member.password_hash)) && usable;
}

Secret make_member_totp(store::MemberRow& member, vault::Vault& vault) {
  Secret uri = totp::print_otpauth({.key = crypto::random_secret(kTotpBytes),
                                    .parameters = {},
                                    .issuer = "totpilot",
                                    .account = member.name,
                                    .vendor = {}});
  member.sealed_totp = vault.seal(vault::member_totp_context(member.id), uri);
  member.totp_on = false;
  member.last_window = 0;
  return uri;
}

std::int64_t window_of_code(const store::MemberRow& member, const Secret& code, const vault::Vault& vault,
                            TimePoint now) {
  if (member.sealed_totp.empty()) return 0;
  const Secret uri = vault.unseal(vault::member_totp_context(member.id), member.sealed_totp);
  const auto totp = totp::parse_otpauth(uri.reveal());
  if (!totp) throw Failure(Outcome::kStorageFailed, "the vault gave back a member's key that cannot be read");
  const totp::Window present = totp::window_at(totp->parameters.period, now);
  std::int64_t found = 0;
  // All three are made, so that the time taken says nothing.
  for (const totp::Window& window : {present.previous(), present, present.next()})
    if (totp::code_in(totp->key, totp->parameters, window).same_as(code)) found = to_millis(window.start);
  return found;
}

MemberCodes make_member_codes(const vault::Vault& vault) {
  constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyz23456789";  // 32 without those that look alike
  static_assert(kLetters.size() == 32);
  MemberCodes made;
  for (int i = 0; i < kMemberCodes; ++i) {
    const Secret random = crypto::random_secret(kCodeLetters);
    std::string code;
    for (std::size_t letter = 0; letter < kCodeLetters; ++letter) {
      if (letter > 0 && letter % 4 == 0) code += '-';
      code += kLetters[random.reveal_bytes()[letter] % kLetters.size()];
    }
    made.codes.emplace_back(std::move(code));
    made.hashes.push_back(hash_of_member_code(made.codes.back(), vault));
  }
  return made;
}

std::string hash_of_member_code(const Secret& code, const vault::Vault& vault) {
  std::string plain;
  plain.reserve(code.size());
  for (const char c : code.reveal())
    if (c != '-' && c != ' ') plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return keyed_hash(vault, kCodeKey, Secret(std::move(plain)));
}

}  // namespace totpilot::services
