#include "agent/playbook/rules/rules.h"

namespace totpilot::playbook::rules {
namespace {

using browser::FieldKind;
using Kind = Locator::Kind;

/// The value of [type=...] in a selector for one element: "email". Nothing where it says none or the selector has
/// several parts.
std::string_view css_type(std::string_view css) {
  if (css.find(',') != css.npos) return {};
  const std::size_t at = css.rfind("[type=");
  if (at == css.npos) return {};
  std::string_view value = css.substr(at + 6);
  value = value.substr(0, value.find(']'));
  if (value.size() >= 2 && (value[0] == '"' || value[0] == '\'')) value = value.substr(1, value.size() - 2);
  return value;
}

/// Is it plain that this is no password field?
bool surely_no_password(const Locator& locator) {
  switch (locator.kind) {
    case Kind::kField:
      return locator.field != FieldKind::kPassword && locator.field != FieldKind::kNewPassword;
    case Kind::kRole:
      return true;  // a password field has no ARIA role (HTML-AAM, input type=password)
    case Kind::kCss:
      return !css_type(locator.css).empty() && css_type(locator.css) != "password";
    default:
      return false;
  }
}

bool surely_password(const Locator& locator) {
  switch (locator.kind) {
    case Kind::kField:
      return locator.field == FieldKind::kPassword || locator.field == FieldKind::kNewPassword;
    case Kind::kCss:
      return css_type(locator.css) == "password" || locator.css.find("current-password") != std::string::npos;
    default:
      return false;
  }
}

bool surely_code(const Locator& locator) {
  return (locator.kind == Kind::kField && locator.field == FieldKind::kCode) ||
         (locator.kind == Kind::kCss && locator.css.find("one-time-code") != std::string::npos);
}

class Check {
 public:
  explicit Check(const Subject& subject) : subject_(subject) {}

  Findings run() {
    each_step(subject_.playbook(), [&](const Step& step) {
      if (const auto* fill = std::get_if<FillPassword>(&step.action)) password(step, fill->into, "into");
      if (const auto* sign_in = std::get_if<SignIn>(&step.action)) {
        password(step, sign_in->password, "password");
        other(step, sign_in->username, "username", "a user name");
        other(step, sign_in->code, "code", "a code", Codes::kAllowed);
      }
      if (const auto* again = std::get_if<Reauthenticate>(&step.action)) password(step, again->password, "password");
      if (const auto* ask = std::get_if<Ask>(&step.action)) asked(step, ask->into);
      if (const auto* submit = std::get_if<SubmitCode>(&step.action))
        other(step, submit->into, "into", "a code", Codes::kAllowed);
      if (const auto* fill = std::get_if<Fill>(&step.action)) other(step, fill->into, "into", "a text");
    });
    return std::move(result_);
  }

 private:
  enum class Codes { kForbidden, kAllowed };

  void password(const Step& step, const std::optional<Locator>& locator, std::string_view key) {
    if (locator && surely_no_password(*locator))
      result_.push_back(
          {subject_.place(step, key), "the password goes into something that is no password field",
           "a password field is found by { field: password }, its label, or css \"input[type=password]\""});
  }

  void other(const Step& step, const std::optional<Locator>& locator, std::string_view key, std::string_view what,
             Codes codes = Codes::kForbidden) {
    if (!locator) return;
    if (surely_password(*locator) && codes == Codes::kForbidden)
      result_.push_back({subject_.place(step, key), fmt::format("{} goes into a password field", what),
                         "the password is typed by fill_password or sign_in"});
    if (surely_code(*locator) && codes == Codes::kForbidden)
      result_.push_back({subject_.place(step, key), fmt::format("{} goes into a code field", what),
                         "a code is typed by submit_code or sign_in"});
  }

  /// Whoever answers would be led to give the password, which is kept and needs no person.
  void asked(const Step& step, const std::optional<Locator>& locator) {
    if (locator && surely_password(*locator))
      result_.push_back(
          {subject_.place(step, "into"), "what a person is asked for goes into a password field",
           "the password is typed by fill_password or sign_in; a code's field that hides what is typed is "
           "found by its label or { field: code }"});
  }

  const Subject& subject_;
  Findings result_;
};

Findings secret_fields(const Subject& subject) { return Check(subject).run(); }

}  // namespace

constinit const Rule kSecretFields = {
    .id = "secret-fields",
    .summary = "passwords go into password fields, other texts do not",
    .why =
        "The driver refuses to type a password into any other field, a secret never passes through fill, and nobody is "
        "asked for a password.",
    .bad = R"(flows:
  login:
    - sign_in: { password: { css: "input[type=email]" } }
)",
    .good = R"(flows:
  login:
    - sign_in: { password: { css: "input[type=password]" } }
)",
    .check = secret_fields,
    .needs = Completeness::kPart,
};

}  // namespace totpilot::playbook::rules
