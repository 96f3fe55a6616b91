#pragma once
// Operation: the row that names a service for whoever exposes it: a stable name, the right that a caller needs, one
// sentence, its place in the HTTP API, its fields, and how it is run from JSON. A service is a free coroutine `response
// f(House&, Request)`; it prints nothing and asks nobody. The command line calls it in-process; the API, MCP and a
// remote command line go through the row (perform.h). Routes, OpenAPI and the matrix of roles are made from these rows
// alone.
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string_view>

#include "agent/base/async.h"

namespace totpilot::services {

struct Call;

enum class Scope {
  kRead,     // names, states, counts; nothing secret
  kManage,   // accounts and factors are made, changed, removed
  kRun,      // a browser signs in with the stored password
  kCodes,    // one-time codes and recovery codes are handed out
  kSecrets,  // TOTP secrets and sessions leave the vault
  kVault,    // keys, backups
  kPeople,   // members, invites, teams, shares, tokens; who did what
};

std::string_view scope_name(Scope scope);

enum class Verb { kGet, kPost, kPut, kPatch, kDelete };
std::string_view verb_name(Verb verb);  // "GET"

enum class FieldType { kText, kFlag, kInteger, kTexts, kSecret, kObject };

/// One value that a caller gives, or may give.
struct Field {
  std::string_view name;
  FieldType type = FieldType::kText;
  bool required = false;
  std::string_view summary{};
};

struct Operation {
  /// How the answer comes.
  enum class Answer {
    kNow,     // when `run` is done
    kSecret,  // the same, and it holds a code or a secret: nobody on the way may keep it
    kJob,     // a browser works on it: over the network a job is queued, and its view is the answer
  };

  std::string_view name;  // "account.add"
  Scope scope;
  std::string_view summary;  // one sentence
  Verb verb = Verb::kPost;
  /// Below /v1: "/accounts/{account}/totp"; each {parameter} is a field. Empty: done on the machine itself only, no row
  /// of any network.
  std::string_view path{};
  std::span<const Field> fields{};
  task<nlohmann::ordered_json> (*run)(Call& call) = nullptr;
  Answer answer = Answer::kNow;

  bool exposed() const { return !path.empty(); }
};

/// All operations, in the order of their names.
std::span<const Operation> all_operations();
/// Nothing when there is none of that name.
const Operation* find_operation(std::string_view name);

// The rows of each noun, in their own files.
std::span<const Operation> account_operations();
std::span<const Operation> campaign_operations();
std::span<const Operation> code_operations();
std::span<const Operation> factor_operations();
std::span<const Operation> people_operations();
std::span<const Operation> playbook_operations();
std::span<const Operation> queue_operations();
std::span<const Operation> run_operations();
std::span<const Operation> schedule_operations();
std::span<const Operation> session_operations();
std::span<const Operation> vault_operations();

}  // namespace totpilot::services
