#include "drivers/chrome/visited_origins.h"

#include "agent/base/origin.h"
#include "drivers/cdp/target.h"

namespace totpilot::chrome {

void VisitedOrigins::watch(const std::shared_ptr<cdp::Session>& session) {
  const std::string id = session->id();
  // The handlers live in this object, which the session port destroys before its sessions.
  auto& kept = subscriptions_[id];
  const std::weak_ptr<cdp::Session> weak = session;
  kept.push_back(cdp::runtime::on_context_created(*session, [this, weak](const cdp::runtime::Context& context) {
    if (const auto alive = weak.lock()) created(alive, context);
  }));
  kept.push_back(cdp::runtime::on_context_destroyed(
      *session, [this](const std::string& unique_id) { contexts_.erase(unique_id); }));
  kept.push_back(cdp::runtime::on_contexts_cleared(*session, [this, id] { forget(id); }));
  kept.push_back(session->on_end([this, id](const std::string&) { forget(id); }));
  kept.push_back(session->on(cdp::target::kAttached, [this](const nlohmann::json& event) {
    const auto attached = cdp::target::read_attached(event);
    if (attached.info.type != "iframe") return;
    if (const auto frame = connection_.session(attached.session_id)) watch(frame);
  }));
}

void VisitedOrigins::created(const std::shared_ptr<cdp::Session>& session, const cdp::runtime::Context& context) {
  const auto origin = Origin::parse(context.origin);
  if (!origin || origin->text() != context.origin) return;
  all_.insert(context.origin);
  contexts_.insert_or_assign(context.unique_id, Context{session, context.origin, context.own_world});
}

void VisitedOrigins::forget(const std::string& session_id) {
  std::erase_if(contexts_, [&](const auto& entry) { return entry.second.session->id() == session_id; });
}

std::optional<VisitedOrigins::Document> VisitedOrigins::live(const std::string& origin) const {
  std::optional<Document> found;
  for (const auto& [unique_id, context] : contexts_) {
    if (context.origin != origin || context.session->ended()) continue;
    if (!found || !context.own_world) found = Document{context.session, unique_id};
    if (!context.own_world) break;
  }
  return found;
}

}  // namespace totpilot::chrome
