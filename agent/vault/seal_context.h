#pragma once
// SealContext: which field of which record a sealed text belongs to. It is bound into the text, so that a text moved
// elsewhere is refused.
#include <cstdint>
#include <string>

#include "agent/store/people_ids.h"
#include "agent/store/rows.h"

namespace totpilot::vault {

struct SealContext {
  std::string record;        // the row's id
  std::string field;         // "password", "secret", "code", "state", "answer", "totp"
  std::int64_t version = 1;  // of the field's value
};

inline SealContext password_context(const AccountId& account) { return {account.str(), "password"}; }
inline SealContext secret_context(const FactorId& factor) { return {factor.str(), "secret"}; }
inline SealContext recovery_code_context(const RecoveryCodeId& code) { return {code.str(), "code"}; }
inline SealContext session_context(const SessionId& session) { return {session.str(), "state"}; }
inline SealContext job_answer_context(const JobId& job) { return {job.str(), "answer"}; }
inline SealContext member_totp_context(const MemberId& member) { return {member.str(), "totp"}; }

}  // namespace totpilot::vault
