#pragma once
// Operation: the row that names a service for whoever exposes it: a stable name, the right that a caller needs, one
// sentence. A service is a free coroutine `response f(House&, Request)`; it prints nothing and asks nobody. The command
// line calls it in-process; an API will call the same.
#include <span>
#include <string_view>

namespace totpilot::services {

enum class Scope {
  kRead,     // names, states, counts; nothing secret
  kManage,   // accounts and factors are made, changed, removed
  kRun,      // a browser signs in with the stored password
  kCodes,    // one-time codes and recovery codes are handed out
  kSecrets,  // TOTP secrets and sessions leave the vault
  kVault,    // keys, backups
};

std::string_view scope_name(Scope scope);

struct Operation {
  std::string_view name;  // "account.add"
  Scope scope;
  std::string_view summary;  // one sentence
};

/// All operations, in the order of their names.
std::span<const Operation> all_operations();

}  // namespace totpilot::services
