// What all pages share: the frame around them, messages, alerts and the field for a code.
#include <fmt/format.h>

#include "tests/practice/app.h"

namespace totpilot::practice {

using enum Behaviour;

std::string alert_html(const std::string& text) {
  return text.empty() ? std::string() : render("alert.html", {{"text", text}});
}

Response App::page(const Visit& visit, const Content& content) const {
  std::string scripts = content.scripts;
  if (has(kRendersTwice, visit)) scripts += R"(<script src="/assets/render_twice.js" defer></script>)";
  std::string frames;
  if (content.has_fields && has(kFocusThief, visit)) {
    frames = fmt::format(R"(<iframe class="thief" title="Advertisement" src="{}/thief"></iframe>)", other_url_);
  }
  const std::string menu =
      visit.session->signed_in ? render("account_menu.html", {{"token", visit.session->token}}) : std::string();
  Response response{.status = content.status, .body = {}, .headers = {}};
  response.body = render("layout.html", {{"title", content.title},
                                         {"content", content.html},
                                         {"scripts", scripts},
                                         {"frames", frames},
                                         {"account", menu}});
  return response;
}

Response App::message(const Visit& visit, unsigned status, const std::string& heading, const std::string& text) const {
  return page(visit, {.title = heading,
                      .html = render("message.html", {{"heading", heading}, {"text", text}}),
                      .scripts = {},
                      .status = status});
}

std::string App::code_field(const Visit& visit, const std::string& label, const std::string& button) const {
  const int digits = accounts_.scheme(visit.session->user).digits;
  if (has(kSixBoxes, visit)) {
    std::string boxes;
    for (int i = 1; i <= digits; ++i) {
      boxes += fmt::format(R"(<input maxlength="1" inputmode="numeric" autocomplete="{}" aria-label="Digit {} of {}">)",
                           i == 1 ? "one-time-code" : "off", i, digits);
    }
    return render("code_boxes.html", {{"label", label}, {"button", button}, {"boxes", boxes}});
  }
  if (has(kSubmitsByItself, visit)) {
    return render("code_field_alone.html", {{"label", label}, {"digits", std::to_string(digits)}});
  }
  return render("code_field.html", {{"label", label}, {"button", button}});
}

Response App::ask_for_code(const Visit& visit, Values words, const std::string& complaint) const {
  const std::string heading = words.at("heading");
  words.emplace("token", visit.session->token);
  words.emplace("alert", alert_html(complaint));
  words.emplace("field", code_field(visit, words.at("label"), words.at("button")));
  return page(visit, {.title = heading, .html = render("code.html", words), .has_fields = true, .scripts = {}});
}

}  // namespace totpilot::practice
