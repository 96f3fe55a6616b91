// The other origin: looks like the app where a user is asked for something, and writes down everything that is sent.
#include "tests/practice/app.h"
#include "tests/practice/web_file.h"

namespace totpilot::practice {
namespace {

Response html(std::string body) { return {.body = std::move(body), .headers = {}}; }

std::string framed(const std::string& title, const std::string& content) {
  return render("layout.html",
                {{"title", title}, {"content", content}, {"scripts", ""}, {"frames", ""}, {"account", ""}});
}

}  // namespace

Response App::handle_elsewhere(const Request& request) {
  if (request.path.starts_with("/assets/")) return handle(request);
  if (request.path == "/thief") return html(render("thief.html", {}));
  {
    const std::lock_guard lock(mutex_);
    elsewhere_.push_back({.method = request.method,
                          .target = request.target,
                          .body = request.body,
                          .origin = request.origin,
                          .referer = request.referer});
  }
  if (request.method != "GET") {
    return html(
        framed("Thank you", render("message.html", {{"heading", "Thank you"}, {"text", "We have what we wanted."}})));
  }
  if (request.path == "/login") {
    return html(framed("Sign in",
                       render("login.html", {{"token", ""}, {"alert", ""}, {"captcha", ""}, {"action", "/collect"}})));
  }
  if (request.path == "/login/code") {
    const std::string field = render("code_field.html", {{"label", "Verification code"}, {"button", "Verify"}});
    return html(framed("Two-step verification", render("code.html", {{"heading", "Two-step verification"},
                                                                     {"lead", "Enter the code that your app shows."},
                                                                     {"alert", ""},
                                                                     {"action", "/collect"},
                                                                     {"token", ""},
                                                                     {"field", field}})));
  }
  return {.status = 404, .content_type = "text/plain", .body = "nothing here\n", .headers = {}};
}

}  // namespace totpilot::practice
