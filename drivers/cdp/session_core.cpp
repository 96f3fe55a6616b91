#include "drivers/cdp/session_core.h"

#include <vector>

namespace totpilot::cdp {

Subscription Subscribers::add(std::string method, Handler handler) {
  auto entry = std::make_shared<Entry<Handler>>(Entry<Handler>{std::move(handler)});
  handlers_[method].push_back(entry);
  return Subscription([weak = weak_from_this(), method = std::move(method), entry] {
    entry->live = false;
    if (const auto self = weak.lock()) {
      if (const auto found = self->handlers_.find(method); found != self->handlers_.end()) found->second.remove(entry);
    }
  });
}

Subscription Subscribers::add_end(EndHandler handler) {
  auto entry = std::make_shared<Entry<EndHandler>>(Entry<EndHandler>{std::move(handler)});
  end_handlers_.push_back(entry);
  return Subscription([weak = weak_from_this(), entry] {
    entry->live = false;
    if (const auto self = weak.lock()) self->end_handlers_.remove(entry);
  });
}

void Subscribers::deliver(const std::string& method, const nlohmann::json& params) {
  const auto found = handlers_.find(method);
  if (found == handlers_.end()) return;
  const auto snapshot = found->second;
  for (const auto& entry : snapshot) {
    if (entry->live) entry->call(params);
  }
}

void Subscribers::end(const std::string& reason) {
  const auto last = std::move(end_handlers_);
  end_handlers_.clear();
  handlers_.clear();
  for (const auto& entry : last) {
    if (entry->live) entry->call(reason);
  }
}

}  // namespace totpilot::cdp
