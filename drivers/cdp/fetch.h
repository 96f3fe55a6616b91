#pragma once
// The Fetch domain: requests that wait for us. On a page's session.
#include <functional>
#include <string>
#include <vector>

#include "agent/base/secret.h"
#include "drivers/cdp/reply.h"

namespace totpilot::cdp::fetch {

struct Paused {
  std::string request_id;
  std::string url;
};

struct AuthRequired {
  std::string request_id;
  std::string origin;       // who asks
  bool from_proxy = false;  // a proxy asks, not a server
};

enum class Authentication { kLeave, kAsk };

/// From now on requests to `patterns` ("https://app.example/*") wait; with kAsk, those that need a password too.
task<void> enable(Session& session, std::vector<std::string> patterns, Authentication authentication,
                  Deadline deadline);
void disable(Session& session);

Subscription on_paused(Session& session, std::function<void(Paused)> handler);
Subscription on_auth_required(Session& session, std::function<void(AuthRequired)> handler);

void let_go(Session& session, const std::string& request_id);
/// Answers in the server's place with an empty HTML document.
void answer_empty(Session& session, const std::string& request_id);
void refuse_auth(Session& session, const std::string& request_id);
task<void> give_auth(Session& session, std::string request_id, std::string username, const Secret& password,
                     Deadline deadline);

/// On a page's session: no service worker answers in the network's place.
void bypass_service_workers(Session& session);

}  // namespace totpilot::cdp::fetch
