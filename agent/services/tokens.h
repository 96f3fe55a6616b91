#pragma once
// API tokens: shown once, kept as a hash, with scopes and an end.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/async.h"
#include "agent/base/secret.h"
#include "agent/services/caller.h"

namespace totpilot::services {

class House;

struct TokenView {
  TokenId id;
  std::string name;
  std::string member;  // whose rights bound it; empty: the workspace's own
  std::vector<std::string> scopes;
  TimePoint created;
  std::string created_by;
  std::optional<TimePoint> expires;
  std::optional<TimePoint> used;
  std::optional<TimePoint> revoked;
};
nlohmann::ordered_json to_json(const TokenView& token);

struct AddToken {
  std::string name;
  std::vector<std::string> scopes;
  int days = 90;       // 0: no end
  std::string member;  // only from the machine itself; a member's own token is always theirs
};
struct AddedToken {
  TokenView token;
  Secret key;  // "tpt_..."
};
nlohmann::ordered_json to_json(const AddedToken& added);

/// token.add. forbidden for a scope that the caller lacks; already_exists.
task<AddedToken> add_token(House& house, const Caller& caller, AddToken request);
/// token.list: of the workspace for admins, else the caller's own.
task<std::vector<TokenView>> list_tokens(House& house, const Caller& caller);
/// token.revoke: at once.
task<TokenView> revoke_token(House& house, const Caller& caller, std::string token);

/// invalid_input for a word that is no scope.
Scope scope_of(std::string_view name);

}  // namespace totpilot::services
