#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tests/practice/app.h"

namespace totpilot::practice {
namespace {

using enum Behaviour;

std::string complaint_of(LoginVerdict verdict) {
  switch (verdict) {
    case LoginVerdict::kAccepted:
      return {};
    case LoginVerdict::kUnknownUser:
    case LoginVerdict::kWrongPassword:
      return "Wrong user name or password.";
    case LoginVerdict::kLockedOut:
      return "This account is locked after too many attempts.";
    case LoginVerdict::kCaptchaMissing:
      return "Show that you are not a robot.";
    case LoginVerdict::kRateLimited:
      return "Too many attempts. Try again later.";
  }
  return {};
}

std::string complaint_of(CodeVerdict verdict) {
  switch (verdict) {
    case CodeVerdict::kAccepted:
    case CodeVerdict::kAcceptedRecoveryCode:
      return {};
    case CodeVerdict::kTooLate:
    case CodeVerdict::kWrong:
      return "That code is not right.";
    case CodeVerdict::kReused:
      return "That code was used before. Wait for the next one.";
    case CodeVerdict::kLockedOut:
      return "This account is locked after too many attempts.";
  }
  return {};
}

bool accepted(CodeVerdict verdict) {
  return verdict == CodeVerdict::kAccepted || verdict == CodeVerdict::kAcceptedRecoveryCode;
}

Response json(const nlohmann::json& value) {
  return {.content_type = "application/json", .body = value.dump(), .headers = {}};
}

}  // namespace

Response App::login_page(Visit& visit) {
  if (visit.session->signed_in) return redirect("/");
  if (has(kRedirectsLogin, visit)) return redirect(other_url_ + "/login");
  return show_login(visit, {});
}

Response App::show_login(Visit& visit, const std::string& complaint) {
  const std::string alert = alert_html(complaint);
  const std::string& token = visit.session->token;
  Content content{.title = "Sign in", .html = {}, .has_fields = true, .scripts = {}};
  if (has(kWanders, visit)) {
    content.scripts = fmt::format(R"(<script src="/assets/wander.js" data-to="{}/login"></script>)", other_url_);
  }
  if (has(kSinglePageLogin, visit)) {
    content.scripts += R"(<script src="/assets/login_script.js" defer></script>)";
    content.html = render("login_script.html", {{"token", token}});
  } else if (has(kIdentifierFirst, visit)) {
    const std::string& user = visit.session->user;
    content.html = user.empty() ? render("login_username.html", {{"token", token}, {"alert", alert}})
                                : render("login_password.html", {{"token", token}, {"alert", alert}, {"user", user}});
  } else {
    content.html = render("login.html", {{"token", token},
                                         {"alert", alert},
                                         {"action", has(kPostsElsewhere, visit) ? other_url_ + "/collect" : "/login"},
                                         {"captcha", has(kCaptcha, visit) ? render("captcha.html", {}) : ""}});
  }
  return page(visit, content);
}

Response App::username_submit(Visit& visit) {
  visit.session->user = visit.request.field("username");
  return redirect("/login");
}

LoginVerdict App::try_password(Visit& visit) {
  const std::string user = visit.request.field("username");
  if (accounts_.has(kRateLimits, user)) {
    accounts_.refuse_login(user, LoginVerdict::kRateLimited, visit.sender);
    return LoginVerdict::kRateLimited;
  }
  if (accounts_.has(kCaptcha, user) && visit.request.field("captcha").empty()) {
    accounts_.refuse_login(user, LoginVerdict::kCaptchaMissing, visit.sender);
    return LoginVerdict::kCaptchaMissing;
  }
  const LoginVerdict verdict = accounts_.check_password(user, visit.request.field("password"), visit.sender);
  if (verdict != LoginVerdict::kAccepted) return verdict;
  visit.session->user = user;
  if (accounts_.has(kMailsACode, user)) {
    visit.session->mailed_code_asked = true;
    accounts_.mail_code(user);
    return verdict;
  }
  visit.session->password_passed = true;
  if (!accounts_.mfa_enabled(user)) sign_in(visit, false);
  return verdict;
}

Response App::login_submit(Visit& visit) {
  const LoginVerdict verdict = try_password(visit);
  if (verdict == LoginVerdict::kRateLimited) {
    Response response = message(visit, 429, "Too many requests", complaint_of(verdict));
    response.headers.emplace_back("Retry-After", "60");
    return response;
  }
  if (verdict != LoginVerdict::kAccepted) return show_login(visit, complaint_of(verdict));
  if (visit.session->mailed_code_asked) return redirect("/login/mailed");
  if (visit.session->signed_in) return redirect("/");
  return redirect(has(kRedirectsMidway, visit) ? other_url_ + "/login/code" : "/login/code");
}

Response App::code_page(Visit& visit) {
  if (!visit.session->password_passed) return redirect("/login");
  if (visit.session->signed_in) return redirect("/");
  return show_code(visit, {});
}

Response App::show_code(Visit& visit, const std::string& complaint) {
  return ask_for_code(visit,
                      {{"heading", "Two-step verification"},
                       {"lead", "Enter the code that your authenticator app shows, or one of your recovery codes."},
                       {"action", "/login/code"},
                       {"label", "Verification code"},
                       {"button", "Verify"}},
                      complaint);
}

CodeVerdict App::try_code(Visit& visit) {
  const CodeVerdict verdict =
      accounts_.submit_code(visit.session->user, Purpose::kSignIn, visit.request.field("code"), visit.sender);
  if (accepted(verdict)) sign_in(visit, true);
  return verdict;
}

Response App::code_submit(Visit& visit) {
  if (!visit.session->password_passed) return redirect("/login");
  const CodeVerdict verdict = try_code(visit);
  return accepted(verdict) ? redirect("/") : show_code(visit, complaint_of(verdict));
}

Response App::mailed_page(Visit& visit) {
  if (!visit.session->mailed_code_asked) return redirect("/login");
  return show_mailed(visit, {});
}

Response App::show_mailed(Visit& visit, const std::string& complaint) {
  return ask_for_code(visit,
                      {{"heading", "Check your mailbox"},
                       {"lead", "Enter the code that we sent to you by e-mail."},
                       {"action", "/login/mailed"},
                       {"label", "Code from the e-mail"},
                       {"button", "Continue"}},
                      complaint);
}

Response App::mailed_submit(Visit& visit) {
  const std::string user = visit.session->user;
  if (!visit.session->mailed_code_asked) return redirect("/login");
  if (!accounts_.take_mailed_code(user, visit.request.field("code")))
    return show_mailed(visit, "That code is not right.");
  visit.session->mailed_code_asked = false;
  visit.session->password_passed = true;
  if (accounts_.mfa_enabled(user)) return redirect("/login/code");
  sign_in(visit, false);
  return redirect("/");
}

Response App::api_login(Visit& visit) {
  const LoginVerdict verdict = try_password(visit);
  if (verdict != LoginVerdict::kAccepted) return json({{"next", "again"}, {"message", complaint_of(verdict)}});
  return json({{"next", visit.session->signed_in ? "home" : "code"}});
}

Response App::api_code(Visit& visit) {
  if (!visit.session->password_passed) return json({{"next", "again"}, {"message", "Start over."}});
  const CodeVerdict verdict = try_code(visit);
  if (!accepted(verdict)) return json({{"next", "again"}, {"message", complaint_of(verdict)}});
  return json({{"next", "home"}});
}

void App::sign_in(Visit& visit, bool with_mfa) {
  visit.session = &sessions_.renew(*visit.session);
  visit.session->signed_in = true;
  visit.session->passed_mfa = with_mfa;
  ++sign_ins_[visit.session->user];
}

Response App::logout(Visit& visit) {
  sessions_.end(*visit.session);
  visit.session = &sessions_.find_or_make({});
  return redirect("/login");
}

Response App::home(Visit& visit) {
  const std::string& user = visit.session->user;
  const UserRecord& record = accounts_.records().at(user);
  return page(visit, {.title = "Home",
                      .html = render("home.html", {{"user", user},
                                                   {"how", visit.session->passed_mfa ? "with password and code"
                                                                                     : "with your password"},
                                                   {"badge", record.mfa_enabled ? R"(<span class="badge on">On</span>)"
                                                                                : R"(<span class="badge">Off</span>)"},
                                                   {"codes_left", std::to_string(record.recovery_codes.size())},
                                                   {"sign_ins", std::to_string(sign_ins_[user])}}),
                      .scripts = {}});
}

}  // namespace totpilot::practice
