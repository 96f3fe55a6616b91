#include "agent/services/sessions.h"

#include "agent/services/house.h"
#include "agent/services/rows.h"
#include "agent/store/sessions.h"

namespace totpilot::services {

nlohmann::ordered_json to_json(const SessionView& session) {
  return {{"session", session.id.str()},
          {"account", session.account},
          {"created", to_iso(session.created)},
          {"state", nlohmann::ordered_json::parse(session.state.reveal())}};
}

task<SessionView> get_session(House& house, GetSession request) {
  if (request.max_age_s < 0) throw Failure(Outcome::kInvalidInput, "max_age_s: a session is not younger than now");
  co_await house.open_vault();
  co_return co_await house.blocking([&] {
    const auto [account, row] = house.store().read([&](store::ReadTransaction& transaction) {
      auto found = store::require_account(transaction, request.account);
      return std::pair(found, store::latest_session(transaction, found.id));
    });
    const auto sign_in = fmt::format("totpilot login {} makes one", account.name);
    if (!row) throw Failure(Outcome::kNotFound, account.name + " has no kept session", sign_in);
    const auto age = house.clock().now() - row->created;
    if (request.max_age_s > 0 && age > std::chrono::seconds(request.max_age_s))
      throw Failure(Outcome::kNotFound,
                    fmt::format("the kept session of {} is older than {} s", account.name, request.max_age_s), sign_in);
    return SessionView{.id = row->id,
                       .account = account.name,
                       .created = row->created,
                       .state = house.vault().unseal(vault::session_context(row->id), row->sealed_state)};
  });
}

}  // namespace totpilot::services
