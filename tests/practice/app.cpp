#include "tests/practice/app.h"

#include <fmt/format.h>

#include "tests/practice/web_file.h"

namespace totpilot::practice {
namespace {

constexpr std::string_view kCookie = "practice_session";
constexpr std::string_view kAssets = "/assets/";

Response asset(std::string_view name) {
  const auto text = web_file(name);
  if (!text || name.ends_with(".html"))
    return {.status = 404, .content_type = "text/plain", .body = "no such file\n", .headers = {}};
  Response response{.content_type = name.ends_with(".css") ? "text/css" : "text/javascript",
                    .body = std::string(*text),
                    .headers = {}};
  response.headers.emplace_back("Cache-Control", "max-age=60");
  return response;
}

}  // namespace

const App::Route App::kRoutes[] = {
    {"GET", "/", Access::kSignedIn, &App::home},
    {"GET", "/login", Access::kAnyone, &App::login_page},
    {"POST", "/login/username", Access::kAnyone, &App::username_submit},
    {"POST", "/login", Access::kAnyone, &App::login_submit},
    {"GET", "/login/code", Access::kAnyone, &App::code_page},
    {"POST", "/login/code", Access::kAnyone, &App::code_submit},
    {"GET", "/login/mailed", Access::kAnyone, &App::mailed_page},
    {"POST", "/login/mailed", Access::kAnyone, &App::mailed_submit},
    {"POST", "/api/login", Access::kAnyone, &App::api_login},
    {"POST", "/api/login/code", Access::kAnyone, &App::api_code},
    {"POST", "/logout", Access::kAnyone, &App::logout},
    {"GET", "/account/password", Access::kSignedIn, &App::password_page},
    {"POST", "/account/password", Access::kSignedIn, &App::password_submit},
    {"GET", "/account/security", Access::kSettings, &App::security_page},
    {"GET", "/account/security/enroll", Access::kSettings, &App::enroll_page},
    {"POST", "/account/security/enroll", Access::kSettings, &App::enroll_submit},
    {"GET", "/account/security/recovery-codes", Access::kSettings, &App::codes_page},
    {"GET", "/account/security/recovery-codes.txt", Access::kSettings, &App::codes_text},
    {"POST", "/account/security/recovery-codes/saved", Access::kSettings, &App::codes_saved},
    {"GET", "/account/security/recovery-codes/new", Access::kSettings, &App::new_codes_page},
    {"POST", "/account/security/recovery-codes/new", Access::kSettings, &App::new_codes_submit},
    {"GET", "/account/security/disable", Access::kSettings, &App::disable_page},
    {"POST", "/account/security/disable", Access::kSettings, &App::disable_submit},
};

Response App::handle(const Request& request) {
  if (request.path.starts_with(kAssets)) return asset(std::string_view(request.path).substr(kAssets.size()));
  const std::lock_guard lock(mutex_);
  const auto cookie = request.cookies.find(std::string(kCookie));
  Visit visit{.request = request,
              .session = &sessions_.find_or_make(cookie == request.cookies.end() ? std::string() : cookie->second),
              .sender = {.origin = request.origin, .referer = without_query(request.referer)}};
  if (request.method == "POST") origins_.insert(visit.sender.origin);
  if (!visit.sender.referer.empty()) referers_.insert(visit.sender.referer);
  Response response = dispatch(visit);
  response.headers.emplace_back("Cache-Control", "no-store");
  // Browsers send a request again by themselves, a POST too, when a connection that was used before closes without an
  // answer (measured with Chromium 156). A fresh connection for each request keeps that out of what this behaviour
  // means.
  if (has(Behaviour::kDropsAfterEnabling, visit) && response.delivery == Response::Delivery::kSend) {
    response.delivery = Response::Delivery::kSendAndClose;
  }
  if (visit.session != nullptr && (cookie == request.cookies.end() || cookie->second != visit.session->id)) {
    response.headers.emplace_back("Set-Cookie",
                                  fmt::format("{}={}; Path=/; HttpOnly; SameSite=Lax", kCookie, visit.session->id));
  }
  return response;
}

Response App::dispatch(Visit& visit) {
  for (const Route& route : kRoutes) {
    if (route.method != visit.request.method || route.path != visit.request.path) continue;
    if (route.method == "POST" && visit.request.field("_token") != visit.session->token) {
      return message(visit, 403, "This form has expired", "Go back, reload the page and try again.");
    }
    if (auto refusal = turn_away(route.access, visit)) return *refusal;
    return (this->*route.page)(visit);
  }
  return message(visit, 404, "Nothing here", "This address leads nowhere.");
}

std::optional<Response> App::turn_away(Access access, const Visit& visit) const {
  if (access == Access::kAnyone) return std::nullopt;
  if (!visit.session->signed_in) return redirect("/login");
  if (access == Access::kSignedIn) return std::nullopt;
  if (has(Behaviour::kSettingsForbidden, visit)) {
    return message(visit, 403, "Not allowed", "You may not change the security settings.");
  }
  if (has(Behaviour::kAsksPasswordAgain, visit) && !visit.session->password_confirmed) {
    return redirect("/account/password?next=" + visit.request.path);
  }
  return std::nullopt;
}

bool App::has(Behaviour behaviour, const Visit& visit) const { return accounts_.has(behaviour, visit.session->user); }

bool App::is_slow() const {
  const std::lock_guard lock(mutex_);
  return accounts_.has(Behaviour::kSlow, {});
}

Ledger App::ledger() const {
  const std::lock_guard lock(mutex_);
  Ledger ledger{.users = accounts_.records(),
                .logins = accounts_.logins(),
                .codes = accounts_.codes(),
                .elsewhere = elsewhere_,
                .sessions = {},
                .origins = origins_,
                .referers = referers_};
  for (const auto& [id, session] : sessions_.all()) {
    ledger.sessions.push_back({.user = session.user, .signed_in = session.signed_in, .passed_mfa = session.passed_mfa});
  }
  return ledger;
}

bool App::accepts(const std::string& user, const std::string& secret) const {
  const std::lock_guard lock(mutex_);
  return accounts_.accepts(user, secret);
}

void App::add_user(UserSeed seed) {
  const std::lock_guard lock(mutex_);
  accounts_.add(std::move(seed));
}

void App::set_behaviours(Behaviours behaviours) {
  const std::lock_guard lock(mutex_);
  accounts_.set_behaviours(behaviours);
}

void App::set_behaviours(const std::string& user, Behaviours behaviours) {
  const std::lock_guard lock(mutex_);
  accounts_.set_behaviours(user, behaviours);
}

}  // namespace totpilot::practice
