#pragma once
// Record: one act in the audit log, and the hash that ties it to the one before it. Pure.
#include <nlohmann/json.hpp>
#include <string>

#include "agent/base/secret.h"
#include "agent/store/audit_records.h"

namespace totpilot::audit {

/// What is to be written; where and when is the chain's.
struct Entry {
  std::string who;      // "cli:anna", "member:anna", "token:ci"
  std::string act;      // an operation's name, or a word like it: "code.get", "session.sign_in"
  std::string account;  // id; empty: none
  std::string object;   // what the act was about beside the account; empty: nothing
  std::string outcome;  // "ok", "begun", or an outcome code's name
  nlohmann::ordered_json detail = nlohmann::ordered_json::object();  // without secrets
};

/// HMAC-SHA-256 over all that the row says but its own hash, each field with its length before it; 64 hex characters.
std::string hash_of(const Secret& key, const store::AuditRow& row);

/// One line for the stream, without its end.
std::string line_of(const store::AuditRow& row);

}  // namespace totpilot::audit
