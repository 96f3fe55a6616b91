#pragma once
// Migrations: numbered, forward only, each in one transaction. Private to the room.
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "agent/store/connection.h"

namespace totpilot::store {

struct Migration {
  int version;
  std::string_view name;
  std::vector<const char*> statements;
};

/// From version 1 without gaps.
std::span<const Migration> all_migrations();

/// Brings the database to the newest schema. `before_change` is called once, before the first change to a database that
/// has a schema already: it makes the copy. Throws storage_failed for a newer schema or a file that is not ours.
void migrate(Connection& writer, std::span<const Migration> migrations,
             const std::function<void(int version)>& before_change);

}  // namespace totpilot::store
