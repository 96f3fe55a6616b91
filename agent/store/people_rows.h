#pragma once
// Rows of the people's tables. Passwords, tokens and links appear only as hashes, a member's TOTP secret only sealed.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/clock.h"
#include "agent/store/people_ids.h"

namespace totpilot::store {

/// A member signs in to totpilot itself.
struct MemberRow {
  MemberId id;
  std::string name;                 // unique
  std::string role;                 // "owner", "super_admin", "admin", "user", "guest"; meaning is agent/services'
  std::string password_hash;        // base64; empty: cannot sign in yet
  std::string password_salt;        // base64
  std::string password_parameters;  // JSON, of Argon2
  std::string sealed_totp;          // an otpauth URI; empty: none
  bool totp_on = false;             // a code of it was given once
  std::int64_t last_window = 0;     // start of the newest window a code was taken from, ms
  bool disabled = false;
  TimePoint created;
  TimePoint updated;
  std::optional<TimePoint> signed_in;
};

struct MemberSessionRow {
  MemberSessionId id;
  MemberId member;
  std::string hash;  // of the cookie's value
  TimePoint created;
  TimePoint seen;
  TimePoint expires;  // whatever happens
  TimePoint proven;   // when password and code were last given
};

struct TokenRow {
  TokenId id;
  std::string name;  // unique among those not revoked
  MemberId member;   // empty: the workspace's own
  std::string hash;
  std::vector<std::string> scopes;
  TimePoint created;
  std::string created_by;
  std::optional<TimePoint> expires;
  std::optional<TimePoint> used;
  std::optional<TimePoint> revoked;
};

struct TeamRow {
  TeamId id;
  std::string name;
  TimePoint created;
};

/// An account shared with a member or a team.
struct ShareRow {
  ShareId id;
  AccountId account;
  MemberId member;  // exactly one of the two
  TeamId team;
  std::string role;       // "owner", "collaborator"
  bool password = false;  // a collaborator may also have the account's password
  TimePoint created;
  std::string created_by;
  std::optional<TimePoint> expires;
};

struct InviteRow {
  InviteId id;
  std::string hash;
  std::string name;  // of the member to be
  std::string role;
  TimePoint created;
  std::string created_by;
  TimePoint expires;
  std::optional<TimePoint> used;
};

/// What two people are needed for.
struct ApprovalRow {
  ApprovalId id;
  std::string act;      // "factor.export"
  std::string account;  // id
  std::string object;   // id of the factor, or empty
  std::string asked_by;
  TimePoint asked;
  TimePoint expires;
  std::string granted_by;  // empty: not yet
  std::optional<TimePoint> granted;
  std::optional<TimePoint> used;
};

}  // namespace totpilot::store
