#include "tests/practice/sessions.h"

#include "tests/practice/oath.h"

namespace totpilot::practice {

Session& Sessions::find_or_make(const std::string& id) {
  if (const auto found = sessions_.find(id); found != sessions_.end()) return found->second;
  Session fresh;
  fresh.id = new_token();
  fresh.token = new_token();
  const std::string key = fresh.id;
  return sessions_.emplace(key, std::move(fresh)).first->second;
}

Session& Sessions::renew(Session& session) {
  auto node = sessions_.extract(session.id);
  node.key() = new_token();
  node.mapped().id = node.key();
  return sessions_.insert(std::move(node)).position->second;
}

void Sessions::end(const Session& session) { sessions_.erase(std::string(session.id)); }

}  // namespace totpilot::practice
