#include "tests/practice/app.h"
#include "tests/practice/qr.h"

namespace totpilot::practice {
namespace {

using enum Behaviour;

constexpr std::string_view kGate = "/account/security/recovery-codes";
constexpr std::string_view kDone = "/account/security?done=set-up";

}  // namespace

Response App::enroll_page(Visit& visit) {
  const std::string& user = visit.session->user;
  if (accounts_.mfa_enabled(user) || has(kOtherMethodOn, visit) || has(kTotpNotOffered, visit)) {
    return redirect("/account/security");
  }
  if (!has(kTurnsOnAtOpen, visit)) return show_enroll(visit, {});

  const std::string secret = accounts_.show_secret(user);
  const Response next = after_right_code(visit);
  const std::string to = next.headers.empty() ? std::string(kDone) : next.headers.front().second;
  Response shown =
      page(visit, {.title = "Set up authenticator app",
                   .html = render("enroll_done.html", {{"secret", secret_html(visit, secret)}, {"next", to}}),
                   .scripts = {}});
  if (next.status == 500) shown = next;
  shown.delivery = next.delivery;
  return shown;
}

Response App::show_enroll(Visit& visit, const std::string& complaint) {
  const std::string& user = visit.session->user;
  const std::string secret = accounts_.show_secret(user);
  std::string codes;
  if (has(kRecoveryCodesFirst, visit)) {
    std::string list;
    for (const std::string& code : accounts_.renew_recovery_codes(user)) list += "<li>" + html_escape(code) + "</li>";
    codes = render("recovery_codes_first.html", {{"list", list}});
  }
  return page(visit, {.title = "Set up authenticator app",
                      .html = render("enroll.html", {{"alert", alert_html(complaint)},
                                                     {"secret", secret_html(visit, secret)},
                                                     {"codes", codes},
                                                     {"token", visit.session->token},
                                                     {"field", code_field(visit, "Verification code", "Turn on")}}),
                      .has_fields = true,
                      .scripts = {}});
}

Response App::enroll_submit(Visit& visit) {
  const std::string& user = visit.session->user;
  if (accounts_.mfa_enabled(user)) {
    accounts_.note_late_code(user, visit.request.field("code"), visit.sender);
    return redirect("/account/security");
  }
  const CodeVerdict verdict = accounts_.submit_code(user, Purpose::kEnrol, visit.request.field("code"), visit.sender);
  switch (verdict) {
    case CodeVerdict::kAccepted:
      return after_right_code(visit);
    case CodeVerdict::kReused:
      return show_enroll(visit, "That code was used before. Wait for the next one.");
    case CodeVerdict::kLockedOut:
      return show_enroll(visit, "This account is locked after too many attempts.");
    case CodeVerdict::kAcceptedRecoveryCode:
    case CodeVerdict::kTooLate:
    case CodeVerdict::kWrong:
      break;
  }
  return show_enroll(visit, "That code is not right. Try again.");
}

/// The secret is proven: turns MFA on, now or at the gate, and leads on to the recovery codes where there are any.
Response App::after_right_code(Visit& visit) {
  Session& session = *visit.session;
  const bool at_gate = !has(kNoRecoveryCodes, visit) && !has(kRecoveryCodesFirst, visit);
  if (at_gate) {
    session.unseen_recovery_codes = accounts_.renew_recovery_codes(session.user);
    session.at_gate = true;
  }
  if (at_gate && has(kTurnsOnAtLastButton, visit)) return redirect(std::string(kGate));
  accounts_.turn_on(session.user);
  if (has(kFailsAfterEnabling, visit)) return message(visit, 500, "Something went wrong", "Please try again later.");
  Response response = redirect(std::string(at_gate ? kGate : kDone));
  if (has(kDropsAfterEnabling, visit)) response.delivery = Response::Delivery::kDropConnection;
  return response;
}

std::string App::qr_html(const Visit& visit, const std::string& secret) const {
  const std::string& user = visit.session->user;
  const QrCode qr = encode_qr(otpauth_uri(secret, user, accounts_.scheme(user)));
  const QrLook look{.quiet_zone = has(kQrBare, visit) ? 0 : 4, .inverted = has(kQrInverted, visit)};
  if (has(kQrCanvas, visit)) return render("qr_canvas.html", {{"rows", qr_rows(qr)}});
  if (has(kQrSvg, visit)) return qr_svg(qr, look);
  const std::string picture = qr_png_data_uri(qr, look);
  if (!has(kQrBackground, visit)) return render("qr_img.html", {{"picture", picture}});
  const int side = (qr.width + 2 * look.quiet_zone) * look.scale;
  return render("qr_background.html", {{"picture", picture}, {"side", std::to_string(side)}});
}

std::string App::secret_html(const Visit& visit, const std::string& secret) const {
  const std::string& user = visit.session->user;
  if (has(kKeyOnlyInAttribute, visit)) {
    return render("key_link.html", {{"uri", otpauth_uri(secret, user, accounts_.scheme(user))}});
  }
  std::string html;
  if (!has(kNoQr, visit)) html += qr_html(visit, has(kQrDisagrees, visit) ? new_secret() : secret);
  const bool in_sight = has(kKeyInPlainSight, visit) || has(kNoQr, visit);
  html += render(in_sight ? "key_in_sight.html" : "key_behind_button.html", {{"key", in_groups_of_four(secret)}});
  return has(kClosedShadowRoot, visit) ? render("closed_root.html", {{"content", html}}) : html;
}

}  // namespace totpilot::practice
