#include "drivers/cdp/fetch.h"

namespace totpilot::cdp::fetch {

using nlohmann::json;

task<void> enable(Session& session, std::vector<std::string> patterns, Authentication authentication,
                  Deadline deadline) {
  json list = json::array();
  for (std::string& pattern : patterns) list.push_back({{"urlPattern", std::move(pattern)}});
  return no_result(session.call(
      "Fetch.enable", {{"patterns", std::move(list)}, {"handleAuthRequests", authentication == Authentication::kAsk}},
      deadline));
}

void disable(Session& session) { session.post("Fetch.disable", json::object()); }

Subscription on_paused(Session& session, std::function<void(Paused)> handler) {
  return session.on("Fetch.requestPaused", [handler = std::move(handler)](const json& params) {
    const auto request = params.find("request");
    handler(
        {.request_id = text_or(params, "requestId"), .url = request == params.end() ? "" : text_or(*request, "url")});
  });
}

Subscription on_auth_required(Session& session, std::function<void(AuthRequired)> handler) {
  return session.on("Fetch.authRequired", [handler = std::move(handler)](const json& params) {
    const auto challenge = params.find("authChallenge");
    const json& asked = challenge == params.end() ? params : *challenge;
    handler({.request_id = text_or(params, "requestId"),
             .origin = text_or(asked, "origin"),
             .from_proxy = text_or(asked, "source") == "Proxy"});
  });
}

void let_go(Session& session, const std::string& request_id) {
  session.post("Fetch.continueRequest", {{"requestId", request_id}});
}

void answer_empty(Session& session, const std::string& request_id) {
  session.post("Fetch.fulfillRequest",
               {{"requestId", request_id},
                {"responseCode", 200},
                {"responseHeaders", json::array({{{"name", "Content-Type"}, {"value", "text/html"}}})},
                {"body", ""}});
}

void refuse_auth(Session& session, const std::string& request_id) {
  session.post("Fetch.continueWithAuth",
               {{"requestId", request_id}, {"authChallengeResponse", {{"response", "CancelAuth"}}}});
}

task<void> give_auth(Session& session, std::string request_id, std::string username, const Secret& password,
                     Deadline deadline) {
  return no_result(session.call(
      "Fetch.continueWithAuth",
      {{"requestId", std::move(request_id)},
       {"authChallengeResponse",
        {{"response", "ProvideCredentials"}, {"username", std::move(username)}, {"password", password.reveal()}}}},
      deadline, Sensitivity::kSecret));
}

void bypass_service_workers(Session& session) {
  session.post("Network.enable", json::object());
  session.post("Network.setBypassServiceWorker", {{"bypass", true}});
}

}  // namespace totpilot::cdp::fetch
