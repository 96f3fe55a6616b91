#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/practice/app.h"

namespace totpilot::practice {
namespace {

using enum Behaviour;

const Values kDisableWords{{"heading", "Turn off two-step verification"},
                           {"lead", "Enter a code from your authenticator app to go on."},
                           {"action", "/account/security/disable"},
                           {"label", "Verification code"},
                           {"button", "Turn off"}};

const Values kNewCodesWords{{"heading", "New recovery codes"},
                            {"lead", "The old ones stop working. Enter a code from your authenticator app to go on."},
                            {"action", "/account/security/recovery-codes/new"},
                            {"label", "Verification code"},
                            {"button", "Get new codes"}};

constexpr std::string_view kWrongCode = "That code is not right, or it was used before.";

}  // namespace

Response App::security_page(Visit& visit) {
  const std::string& user = visit.session->user;
  const UserRecord& record = accounts_.records().at(user);
  std::string state;
  if (has(kOtherMethodOn, visit)) {
    state = render("security_other.html", {});
  } else if (has(kTotpNotOffered, visit)) {
    state = render("security_none.html", {});
  } else if (record.mfa_enabled) {
    const bool codes = !has(kNoRecoveryCodes, visit);
    state = render(
        "security_on.html",
        {{"badge", R"(<span class="badge on">On</span>)"},
         {"codes",
          codes ? render("security_codes.html", {{"left", std::to_string(record.recovery_codes.size())}}) : ""}});
  } else {
    state = render("security_off.html", {{"badge", R"(<span class="badge">Off</span>)"},
                                         {"period", std::to_string(accounts_.scheme(user).period)}});
  }
  const auto done = visit.request.query.find("done");
  std::string notice;
  if (done != visit.request.query.end() && done->second == "set-up") notice = "Two-step verification is set up.";
  if (done != visit.request.query.end() && done->second == "turned-off")
    notice = "Two-step verification was turned off.";
  if (!notice.empty()) notice = render("notice.html", {{"text", notice}});
  return page(
      visit,
      {.title = "Security", .html = render("security.html", {{"alert", notice}, {"state", state}}), .scripts = {}});
}

Response App::disable_page(Visit& visit) {
  if (!accounts_.mfa_enabled(visit.session->user)) return redirect("/account/security");
  return ask_for_code(visit, kDisableWords, {});
}

Response App::disable_submit(Visit& visit) {
  const std::string& user = visit.session->user;
  if (!accounts_.mfa_enabled(user)) return redirect("/account/security");
  if (accounts_.submit_code(user, Purpose::kDisable, visit.request.field("code"), visit.sender) !=
      CodeVerdict::kAccepted) {
    return ask_for_code(visit, kDisableWords, std::string(kWrongCode));
  }
  accounts_.turn_off(user);
  return redirect("/account/security?done=turned-off");
}

Response App::new_codes_page(Visit& visit) {
  if (!accounts_.mfa_enabled(visit.session->user) || has(kNoRecoveryCodes, visit)) return redirect("/account/security");
  return ask_for_code(visit, kNewCodesWords, {});
}

Response App::new_codes_submit(Visit& visit) {
  const std::string& user = visit.session->user;
  if (!accounts_.mfa_enabled(user) || has(kNoRecoveryCodes, visit)) return redirect("/account/security");
  const CodeVerdict verdict =
      accounts_.submit_code(user, Purpose::kNewRecoveryCodes, visit.request.field("code"), visit.sender);
  if (verdict != CodeVerdict::kAccepted) return ask_for_code(visit, kNewCodesWords, std::string(kWrongCode));
  visit.session->unseen_recovery_codes = accounts_.renew_recovery_codes(user);
  visit.session->at_gate = true;
  return redirect("/account/security/recovery-codes");
}

Response App::codes_page(Visit& visit) {
  Session& session = *visit.session;
  if (!session.at_gate) return redirect("/account/security");
  std::string codes;
  if (session.unseen_recovery_codes.empty()) {
    codes = alert_html("These codes were shown before and cannot be shown again.");
  } else if (has(kRecoveryCodesByCopy, visit)) {
    codes = render("recovery_codes_copy.html", {});
  } else if (has(kRecoveryCodesByDownload, visit)) {
    codes = render("recovery_codes_download.html", {});
  } else {
    std::string list;
    for (const std::string& code : session.unseen_recovery_codes) list += "<li>" + html_escape(code) + "</li>";
    codes = render("recovery_codes_list.html", {{"list", list}});
    session.unseen_recovery_codes.clear();
  }
  return page(visit, {.title = "Recovery codes",
                      .html = render("recovery_codes.html", {{"codes", codes}, {"token", session.token}}),
                      .scripts = {}});
}

Response App::codes_text(Visit& visit) {
  Session& session = *visit.session;
  if (session.unseen_recovery_codes.empty()) return message(visit, 410, "Gone", "These codes were given out before.");
  Response response{.content_type = "text/plain; charset=utf-8", .body = {}, .headers = {}};
  response.body = fmt::format("{}\n", fmt::join(session.unseen_recovery_codes, "\n"));
  session.unseen_recovery_codes.clear();
  if (has(kRecoveryCodesByDownload, visit)) {
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"recovery-codes.txt\"");
  }
  return response;
}

Response App::codes_saved(Visit& visit) {
  Session& session = *visit.session;
  if (!session.at_gate || visit.request.field("saved") != "1") return redirect("/account/security/recovery-codes");
  session.at_gate = false;
  session.unseen_recovery_codes.clear();
  if (!accounts_.mfa_enabled(session.user)) accounts_.turn_on(session.user);  // turns-on-at-last-button
  return redirect("/account/security?done=set-up");
}

Response App::password_page(Visit& visit) {
  const auto next = visit.request.query.find("next");
  return page(visit,
              {.title = "Confirm your password",
               .html = render("confirm_password.html",
                              {{"alert", ""},
                               {"token", visit.session->token},
                               {"next", next == visit.request.query.end() ? "/account/security" : next->second}}),
               .has_fields = true,
               .scripts = {}});
}

Response App::password_submit(Visit& visit) {
  const std::string next = visit.request.field("next");
  if (accounts_.password_is(visit.session->user, visit.request.field("password"))) {
    visit.session->password_confirmed = true;
    // Only below this site: an open redirect would be a behaviour nobody asked for.
    return redirect(next.starts_with("/account/") ? next : "/account/security");
  }
  return page(visit, {.title = "Confirm your password",
                      .html = render(
                          "confirm_password.html",
                          {{"alert", alert_html("Wrong password.")}, {"token", visit.session->token}, {"next", next}}),
                      .has_fields = true,
                      .scripts = {}});
}

}  // namespace totpilot::practice
