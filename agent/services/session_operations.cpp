#include <array>

#include "agent/services/form.h"
#include "agent/services/perform.h"
#include "agent/services/sessions.h"

namespace totpilot::services {
namespace {

constexpr Form kGetSession{
    text("account", &GetSession::account, kRequired, "the account's name or id"),
    integer("max_age_s", &GetSession::max_age_s, kOptional, "at most so many seconds old; 0: however old"),
};

task<nlohmann::ordered_json> session_get(Call& call) {
  co_return to_json(co_await get_session(call.house, kGetSession.read(call.arguments)));
}

constexpr std::array kSessionRows = {
    Operation{"session.get", Scope::kSecrets, "gives the newest kept session, as Playwright's storage state",
              Verb::kGet, "/accounts/{account}/session", kGetSession.fields(), &session_get,
              Operation::Answer::kSecret},
};

}  // namespace

std::span<const Operation> session_operations() { return kSessionRows; }

}  // namespace totpilot::services
