#pragma once
// App: the practice app as a function from request to response. One route is one method; the routes stand in app.cpp,
// the pages in pages_login.cpp, pages_security.cpp and pages_enroll.cpp, the other origin in elsewhere.cpp.
// Thread-safe.
#include <mutex>
#include <string>

#include "tests/practice/accounts.h"
#include "tests/practice/http.h"
#include "tests/practice/sessions.h"
#include "tests/practice/text.h"

namespace totpilot::practice {

class App {
 public:
  App(const SiteOptions& options, const SiteClock& clock) : accounts_(options, clock) {}

  /// The address of the other origin, for the behaviours that send there.
  void set_other_url(std::string url) { other_url_ = std::move(url); }

  Response handle(const Request& request);
  /// Plays the other origin: a look-alike of the sign-in pages that writes down everything it is sent.
  Response handle_elsewhere(const Request& request);
  /// Does the site, or the user who is signed in, have this behaviour? For what the server itself does.
  bool is_slow() const;

  Ledger ledger() const;
  bool accepts(const std::string& user, const std::string& secret) const;
  void add_user(UserSeed seed);
  void set_behaviours(Behaviours behaviours);
  void set_behaviours(const std::string& user, Behaviours behaviours);

 private:
  struct Visit;
  enum class Access { kAnyone, kSignedIn, kSettings };
  struct Route {
    std::string_view method;
    std::string_view path;
    Access access;
    Response (App::*page)(Visit& visit);
  };
  static const Route kRoutes[];

  Response dispatch(Visit& visit);
  std::optional<Response> turn_away(Access access, const Visit& visit) const;

  // pages_login.cpp
  Response login_page(Visit& visit);
  Response username_submit(Visit& visit);
  Response login_submit(Visit& visit);
  Response code_page(Visit& visit);
  Response code_submit(Visit& visit);
  Response mailed_page(Visit& visit);
  Response mailed_submit(Visit& visit);
  Response show_mailed(Visit& visit, const std::string& complaint);
  Response api_login(Visit& visit);
  Response api_code(Visit& visit);
  Response logout(Visit& visit);
  Response home(Visit& visit);
  Response show_login(Visit& visit, const std::string& complaint);
  Response show_code(Visit& visit, const std::string& complaint);
  LoginVerdict try_password(Visit& visit);
  CodeVerdict try_code(Visit& visit);
  void sign_in(Visit& visit, bool with_mfa);

  // pages_security.cpp
  Response security_page(Visit& visit);
  Response disable_page(Visit& visit);
  Response disable_submit(Visit& visit);
  Response new_codes_page(Visit& visit);
  Response new_codes_submit(Visit& visit);
  Response codes_page(Visit& visit);
  Response codes_text(Visit& visit);
  Response codes_saved(Visit& visit);
  Response password_page(Visit& visit);
  Response password_submit(Visit& visit);

  // pages_enroll.cpp
  Response enroll_page(Visit& visit);
  Response enroll_submit(Visit& visit);
  Response show_enroll(Visit& visit, const std::string& complaint);
  std::string secret_html(const Visit& visit, const std::string& secret) const;
  std::string qr_html(const Visit& visit, const std::string& secret) const;
  Response after_right_code(Visit& visit);

  // page.cpp
  struct Content {
    std::string title;
    std::string html;
    bool has_fields = false;  // so that the focus thief comes along
    std::string scripts;
    unsigned status = 200;
  };
  Response page(const Visit& visit, const Content& content) const;
  Response message(const Visit& visit, unsigned status, const std::string& heading, const std::string& text) const;
  std::string code_field(const Visit& visit, const std::string& label, const std::string& button) const;
  Response ask_for_code(const Visit& visit, Values words, const std::string& complaint) const;
  bool has(Behaviour behaviour, const Visit& visit) const;

  mutable std::mutex mutex_;
  Accounts accounts_;
  Sessions sessions_;
  std::string other_url_;
  std::map<std::string, int> sign_ins_;
  std::vector<ElsewhereRequest> elsewhere_;
  std::set<std::string> origins_;
  std::set<std::string> referers_;
};

/// One request on its way through the app.
struct App::Visit {
  const Request& request;
  Session* session;
  Sender sender;
};

/// web/alert.html, or nothing when there is nothing to say.
std::string alert_html(const std::string& text);

}  // namespace totpilot::practice
