#pragma once
// Sessions: what logins left, kept sealed, and given to who may sign in as the account.
#include <nlohmann/json.hpp>
#include <string>

#include "agent/base/async.h"
#include "agent/base/clock.h"
#include "agent/base/id.h"
#include "agent/base/secret.h"

namespace totpilot::services {

class House;

struct GetSession {
  std::string account;
  int max_age_s = 0;  // 0: however old
};

struct SessionView {
  SessionId id;
  std::string account;
  TimePoint created;
  Secret state;  // Playwright's storage state
};

/// With the state itself, as an object.
nlohmann::ordered_json to_json(const SessionView& session);

/// session.get: the newest kept one. not_found where there is none, or none that is young enough.
task<SessionView> get_session(House& house, GetSession request);

}  // namespace totpilot::services
