// Locators, conditions and single steps in words. The whole playbook: explain_playbook.cpp.
#include "agent/playbook/explain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace totpilot::playbook {
namespace {

std::string quoted(const std::vector<std::string>& texts) {
  std::vector<std::string> each;
  each.reserve(texts.size());
  for (const std::string& text : texts) each.push_back(fmt::format("\"{}\"", text));
  if (each.size() <= 3) return fmt::format("{}", fmt::join(each, " or "));
  return fmt::format("{} (or {} other words)", each.front(), each.size() - 1);
}

std::string_view field_words(browser::FieldKind kind) {
  switch (kind) {
    case browser::FieldKind::kUsername:
      return "the user name field";
    case browser::FieldKind::kPassword:
      return "the password field";
    case browser::FieldKind::kNewPassword:
      return "the new password's field";
    case browser::FieldKind::kCode:
      return "the code field";
  }
  return "?";
}

std::string_view role_words(std::string_view role) {
  if (role == "textbox") return "text field";
  if (role == "img") return "picture";
  if (role == "combobox") return "drop-down list";
  return role;
}

std::string kind_words(const Locator& locator) {
  using Kind = Locator::Kind;
  switch (locator.kind) {
    case Kind::kRole:
      return locator.texts.empty() ? fmt::format("the {}", role_words(locator.role))
                                   : fmt::format("the {} {}", role_words(locator.role), quoted(locator.texts));
    case Kind::kLabel:
      return fmt::format("the field labelled {}", quoted(locator.texts));
    case Kind::kText:
      return fmt::format("the text {}", quoted(locator.texts));
    case Kind::kPlaceholder:
      return fmt::format("the field with the placeholder {}", quoted(locator.texts));
    case Kind::kTestId:
      return fmt::format("the element with the test id {}", quoted(locator.texts));
    case Kind::kCss:
      return fmt::format("the element {}", locator.css);
    case Kind::kField:
      return std::string(field_words(locator.field));
    case Kind::kSubmitOf:
      return locator.of ? fmt::format("the button that submits {}", explain(*locator.of)) : "the submit button";
    case Kind::kAnyOf: {
      std::vector<std::string> each;
      for (const Locator& one : locator.alternatives) each.push_back(explain(one));
      return fmt::format("{}", fmt::join(each, ", or else "));
    }
  }
  return "?";
}

std::string optional_press(const std::optional<Locator>& button) {
  return button ? fmt::format(", then press {}", explain(*button)) : "";
}

struct StepWords {
  std::string operator()(const Open& open) const { return fmt::format("open {}", open.path); }
  std::string operator()(const Click& click) const { return fmt::format("click {}", explain(click.target)); }
  std::string operator()(const Fill& fill) const {
    return fmt::format("type \"{}\" into {}", fill.value, explain(fill.into));
  }
  std::string operator()(const FillPassword& fill) const {
    return fmt::format("type the account's password into {}", fill.into ? explain(*fill.into) : "the password field");
  }
  std::string operator()(const Ask& ask) const {
    return fmt::format("ask a person for \"{}\" and type it into {}", ask.what,
                       ask.into ? explain(*ask.into) : "the code field");
  }
  std::string operator()(const Check& check) const {
    return fmt::format("{} {}", check.wanted ? "tick" : "clear", explain(check.target));
  }
  std::string operator()(const Select& select) const {
    return fmt::format("choose \"{}\" from {}", select.option, explain(select.target));
  }
  std::string operator()(const Press& press) const {
    return fmt::format("press the key {}{}", press.key, press.target ? " in " + explain(*press.target) : "");
  }
  std::string operator()(const Upload& upload) const {
    return fmt::format("give the file {} to {}", upload.file, explain(upload.target));
  }
  std::string operator()(const WaitFor& wait) const { return fmt::format("wait until {}", explain(wait.condition)); }
  std::string operator()(const Dismiss& dismiss) const {
    return fmt::format("click {} away if it is there", explain(dismiss.target));
  }
  std::string operator()(const FollowNewPage&) const { return "go on in the new tab"; }
  std::string operator()(const ReturnToFirstPage&) const { return "go back to the first tab"; }
  std::string operator()(const AnswerDialogs& answer) const {
    return fmt::format("from here on, {} the browser's dialogs", answer.accept ? "accept" : "dismiss");
  }
  std::string operator()(const Stop& stop) const {
    return fmt::format("stop with {}: {}", outcome_name(stop.outcome), stop.message);
  }
  std::string operator()(const OneOf& choice) const {
    return fmt::format("wait for one of {} states", choice.branches.size());
  }
  std::string operator()(const SignIn& sign_in) const {
    return fmt::format("sign in{} with user name and password, and a code if asked",
                       sign_in.open.empty() ? "" : " at " + sign_in.open);
  }
  std::string operator()(const CaptureSecret& capture) const {
    const auto& place = capture.text ? capture.text : capture.qr ? capture.qr : capture.within;
    return fmt::format("capture the secret{}", place ? " from " + explain(*place) : "");
  }
  std::string operator()(const SubmitCode& submit) const {
    return fmt::format("type {} into {}{}", submit.pair ? "two neighbouring codes" : "a fresh code",
                       submit.into ? explain(*submit.into) : "the code field",
                       submit.submits_by_itself ? ", which submits by itself" : optional_press(submit.press));
  }
  std::string operator()(const SaveRecoveryCodes& save) const {
    std::string_view how = save.download ? "from the file behind "
                           : save.copy   ? "from the clipboard, by "
                           : save.print  ? "from the print view, by "
                           : save.within ? "from "
                                         : "";
    const auto& place = save.download ? save.download : save.copy ? save.copy : save.print ? save.print : save.within;
    return fmt::format("save the {}recovery codes{}{}{}{}", save.count ? fmt::format("{} ", *save.count) : "",
                       how.empty() ? "" : " ", how, place ? explain(*place) : "", optional_press(save.finish));
  }
  std::string operator()(const Reauthenticate& again) const {
    return fmt::format("give the password again if the app asks{}", optional_press(again.press));
  }
  std::string operator()(const ChooseMethod& choose) const {
    return choose.prefer.empty() ? "choose the authenticator app"
                                 : fmt::format("choose {}", explain(choose.prefer.front()));
  }
  std::string operator()(const TrustDevice& trust) const {
    return trust.trust ? "let the app trust this browser" : "do not let the app trust this browser";
  }
};

}  // namespace

std::string explain(const Locator& locator) {
  std::string words = kind_words(locator);
  if (locator.has_text) words += fmt::format(" that holds \"{}\"", *locator.has_text);
  if (locator.checked) words += *locator.checked ? " that is ticked" : " that is not ticked";
  if (locator.within) words += fmt::format(" within {}", explain(*locator.within));
  if (locator.frame) words += fmt::format(" in the frame {}", explain(*locator.frame));
  return words;
}

std::string explain(const Condition& condition) {
  std::vector<std::string> parts;
  if (condition.shows) parts.push_back(explain(*condition.shows) + " shows");
  if (condition.hides) parts.push_back(explain(*condition.hides) + " does not show");
  if (condition.url) parts.push_back(fmt::format("the address is {}", *condition.url));
  return fmt::format("{}", fmt::join(parts, " and "));
}

std::string explain(const Step& step) { return std::visit(StepWords{}, step.action); }

}  // namespace totpilot::playbook
