// The table of actions: every verb of the language with its keys, their meaning, and an example that tests parse.
#include <fmt/format.h>

#include <algorithm>

#include "agent/playbook/table.h"

namespace totpilot::playbook {
namespace {

/// An action with keys of its own.
template <class T>
ActionInfo with_keys(std::string_view name, std::string_view doc, std::string_view example, Record<T> record) {
  ActionInfo info{
      .name = name, .doc = doc, .example = example, .value = {}, .choices = {}, .keys = infos(record), .read = {}};
  info.read = [name, record = std::move(record)](const yaml::Node& node, Reader& reader) -> std::optional<Action> {
    T action;
    if (!node.is_map()) {
      reader.is_map(node, name);
      return std::nullopt;
    }
    read_record(node, record, name, action, reader);
    return action;
  };
  return info;
}

/// An action that takes one value behind its name.
template <class Read>
ActionInfo with_value(std::string_view name, Type type, std::string_view doc, std::string_view example, Read read) {
  return {
      .name = name, .doc = doc, .example = example, .value = type, .choices = {}, .keys = {}, .read = std::move(read)};
}

template <class Make>
ActionInfo with_locator(std::string_view name, std::string_view doc, std::string_view example, Make make) {
  return with_value(name, Type::kLocator, doc, example,
                    [make](const yaml::Node& node, Reader& reader) -> std::optional<Action> {
                      auto locator = reader.locator(node);
                      if (!locator) return std::nullopt;
                      return make(*std::move(locator));
                    });
}

Key<Press> key_to_press() {
  return bound<Press>({.name = "key",
                       .type = Type::kText,
                       .doc = "its DOM name (Enter, Escape, Tab, ArrowDown ...) or one character"},
                      &Press::key,
                      [](Reader& reader, const yaml::Node& node) -> std::optional<std::string> {
                        auto name = reader.string(Type::kText, node);
                        if (!name || contains(key_names(), *name) || (name->size() == 1 && (*name)[0] > ' '))
                          return name;
                        const std::vector<std::string_view> names(key_names().begin(), key_names().end());
                        const auto near = yaml::nearest(*name, names);
                        reader.report(yaml::problem(node, fmt::format("there is no key \"{}\"", *name),
                                                    near ? fmt::format("did you mean \"{}\"?", *near)
                                                         : "a key has its DOM name, as in Enter, Escape, Tab"));
                        return std::nullopt;
                      })
      .required();
}

std::vector<ActionInfo> built_in_actions() {
  return {
      with_keys<SignIn>(
          "sign_in",
          "Signs in with the account's user name and password, and with a code when the app asks for one. Finds the "
          "fields and buttons by "
          "itself; name those that it cannot find. The outcomes `bad_credentials`, `code_rejected` and `locked_out` "
          "come from here.",
          "- sign_in: { open: /login, bad_credentials: { css: \"#flash_error\" } }",
          {
              key("open", Type::kPath, &SignIn::open, "the page with the form").fallback("session.open"),
              key("username", &SignIn::username, "the field of the user name").fallback("{ field: username }"),
              key("password", &SignIn::password, "the field of the password").fallback("{ field: password }"),
              key("next", &SignIn::next, "pressed after the user name, where the password is asked on a second page"),
              key("press", &SignIn::press, "the button that signs in").fallback("{ submit_of: { field: password } }"),
              key("code", &SignIn::code, "the field of the code").fallback("{ field: code }"),
              key("code_press", &SignIn::code_press, "the button behind the code")
                  .fallback("{ submit_of: { field: code } }"),
              key("code_asked", &SignIn::code_asked, "how it looks when the app asks for a code")
                  .fallback("the code field shows"),
              key("code_rejected", &SignIn::code_rejected, "how it looks when the app refused the code")
                  .fallback("an alert shows, or the code field is there again"),
              key("bad_credentials", &SignIn::bad_credentials, "how it looks when user name or password are wrong")
                  .fallback("an alert shows"),
              key("locked_out", &SignIn::locked_out, "how it looks when the app has locked the account"),
          }),
      with_keys<CaptureSecret>(
          "capture_secret",
          "Reads the TOTP secret from every source there is (text, attributes, links, the QR picture) and demands that "
          "they agree; it is durable "
          "before the next step runs. Name a source where the page shows other things that look like a secret.",
          "- capture_secret: { within: { css: \"#setup\" }, reveal: { text: Can't scan } }",
          {
              key("reveal", &CaptureSecret::reveal, "pressed when no secret is to be seen: \"can't scan?\""),
              key("within", &CaptureSecret::within, "look inside this element only"),
              key("text", &CaptureSecret::text, "the element that holds the key as text"),
              key("qr", &CaptureSecret::qr, "the picture of the QR code"),
              key("link", &CaptureSecret::link, "the element with the otpauth address in an attribute"),
              key("copy", &CaptureSecret::copy, "the button that copies the key to the clipboard"),
              choice("algorithm", &CaptureSecret::algorithm,
                     {{"SHA1", "SHA1"}, {"SHA256", "SHA256"}, {"SHA512", "SHA512"}},
                     "only for apps that show the key alone and want another than SHA1"),
              key("digits", &CaptureSecret::digits, Range{6, 8}, "likewise, another than 6"),
              key("period", &CaptureSecret::period, Range{10, 300}, "likewise, another than 30 (seconds)"),
          }),
      with_keys<SubmitCode>(
          "submit_code",
          "Types a fresh code, made last and from a window that nobody has used, and submits it. Waits for `accepted` "
          "or `rejected`.",
          "- submit_code: { into: { label: Code }, press: { role: button, name: Activate }, rejected: { css: "
          "\"#error\" } }",
          {
              key("into", &SubmitCode::into, "the field of the code").fallback("{ field: code }"),
              key("press", &SubmitCode::press, "the button that submits it").fallback("{ submit_of: { field: code } }"),
              key("submits_by_itself", &SubmitCode::submits_by_itself,
                  "the page goes on at the last digit; nothing is pressed"),
              key("pair", &SubmitCode::pair, "the app wants two codes of neighbouring windows"),
              key("second_into", &SubmitCode::second_into, "with pair: the field of the second code"),
              key("accepted", &SubmitCode::accepted, "how it looks when the app took the code")
                  .fallback("mfa.enabled, or recovery codes show"),
              key("rejected", &SubmitCode::rejected, "how it looks when it did not")
                  .fallback("an alert shows, or the code field is there again"),
          }),
      with_keys<SaveRecoveryCodes>(
          "save_recovery_codes",
          "Reads the recovery codes, stores them, and only then passes the app's gate (`saved`, `finish`).",
          "- save_recovery_codes: { within: { css: \"ul.codes\" }, count: 10, pattern: \"[0-9a-f]{4} [0-9a-f]{4} "
          "[0-9a-f]{4}\" }",
          {
              key("within", &SaveRecoveryCodes::within, "the element that holds the codes"),
              key("copy", &SaveRecoveryCodes::copy,
                  "the button that copies them; the codes are taken from the clipboard"),
              key("download", &SaveRecoveryCodes::download,
                  "the button that downloads them; the codes are taken from the file"),
              key("print", &SaveRecoveryCodes::print,
                  "the button that prints them; the codes are taken from the print view"),
              key("count", &SaveRecoveryCodes::count, Range{1, 100}, "how many there are, exactly").fallback("1 to 40"),
              key("pattern", Type::kCodePattern, &SaveRecoveryCodes::pattern, "how one code looks, white space folded")
                  .fallback("guessed"),
              key("saved", &SaveRecoveryCodes::saved, "the box \"I have saved them\", ticked when they are durable"),
              key("finish", &SaveRecoveryCodes::finish,
                  "the button that ends the dialog, pressed when they are durable"),
          }),
      with_keys<Reauthenticate>(
          "reauthenticate", "Gives the password again where the app asks for it; goes on at once where it does not.",
          "- reauthenticate: { press: { role: button, name: Next } }",
          {
              key("asked", &Reauthenticate::asked, "how it looks when the app asks").fallback("a password field shows"),
              key("password", &Reauthenticate::password, "the field of the password").fallback("{ field: password }"),
              key("press", &Reauthenticate::press, "the button behind it")
                  .fallback("{ submit_of: { field: password } }"),
          }),
      with_keys<ChooseMethod>("choose_method", "Picks the authenticator app on a page that offers several methods.",
                              "- choose_method: { prefer: [{ text: Authenticator app }, { text: One-time code }] }",
                              {key("prefer", &ChooseMethod::prefer, "the entries to pick, best first")}),
      with_keys<TrustDevice>(
          "trust_device", "Answers \"remember this device?\"; goes on at once where the app does not ask.",
          "- trust_device: { trust: false, press: { role: button, name: Not now } }",
          {
              key("trust", &TrustDevice::trust, "whether the app shall skip the code on this browser from now on"),
              key("box", &TrustDevice::box, "the box to tick or clear"),
              key("press", &TrustDevice::press, "the button to press then"),
          }),
  };
}

std::vector<ActionInfo> branching_actions() {
  return {
      with_value("one_of", Type::kBranches,
                 "Waits for the first branch whose `when` shows, and goes its way: ends with an outcome, goes on with "
                 "steps of its own, or simply goes on.",
                 "- one_of:\n"
                 "    - { when: { css: \"#code\" } }\n"
                 "    - { when: { text: Too many attempts }, outcome: locked_out, message: the app wants a pause }",
                 [](const yaml::Node& node, Reader& reader) -> std::optional<Action> {
                   auto branches = reader.branches(node);
                   if (!branches) return std::nullopt;
                   return OneOf{*std::move(branches)};
                 }),
      with_keys<Stop>("stop", "Ends the flow with an outcome code and a message for the person.",
                      "- stop: { outcome: needs_human, message: the app wants a phone number first }",
                      {
                          key("outcome", &Stop::outcome, "the code; the list is below").fallback("needs_human"),
                          key("message", Type::kText, &Stop::message, "what the person reads").required(),
                      }),
  };
}

std::vector<ActionInfo> plain_actions() {
  return {
      with_value("open", Type::kPath, "Opens a page below the account's base URL and waits until its DOM is ready.",
                 "- open: /my/account",
                 [](const yaml::Node& node, Reader& reader) -> std::optional<Action> {
                   auto path = reader.string(Type::kPath, node);
                   if (!path) return std::nullopt;
                   return Open{*std::move(path)};
                 }),
      with_locator("click", "Clicks an element.", "- click: { role: link, name: Enable authenticator app }",
                   [](Locator target) { return Click{std::move(target)}; }),
      with_keys<Fill>(
          "fill", "Types a text that is no secret.",
          "- fill: { into: { label: Device name }, value: \"{device_name}\" }",
          {
              key("into", &Fill::into, "the field"),
              key("value", Type::kTemplate, &Fill::value, "the text; may hold the placeholders listed below")
                  .required(),
          }),
      with_keys<FillPassword>("fill_password", "Types the account's password, into a password field only.",
                              "- fill_password: {}",
                              {key("into", &FillPassword::into, "the field").fallback("{ field: password }")}),
      with_keys<Ask>("ask",
                     "Asks a person for a value that only they have, such as a code sent by e-mail, and types it as a "
                     "secret. The job waits as needs_input, its browser open; without an answer it ends so.",
                     "- ask: { what: the code that the app sent by e-mail, into: { label: Code from the e-mail } }",
                     {
                         key("what", Type::kText, &Ask::what, "what the person is asked for").required(),
                         key("into", &Ask::into, "the field").fallback("{ field: code }"),
                     }),
      with_locator("check", "Ticks a box or presses a switch, unless it is ticked already.",
                   "- check: { label: I have read this }",
                   [](Locator target) { return Check{std::move(target), true}; }),
      with_locator("uncheck", "Clears a box or a switch, unless it is clear already.",
                   "- uncheck: { label: Remember me }", [](Locator target) { return Check{std::move(target), false}; }),
      with_keys<Select>("select", "Chooses an option of a drop-down list.",
                        "- select: { from: { label: Method }, option: Authenticator app }",
                        {
                            key("from", &Select::target, "the list"),
                            key("option", Type::kText, &Select::option, "the option's text or value").required(),
                        }),
      with_keys<Press>("press", "Presses a key.", "- press: { key: Escape }",
                       {
                           key_to_press(),
                           key("in", &Press::target, "the element that gets it").fallback("what has the focus"),
                       }),
      with_keys<Upload>("upload", "Gives a file to a file field.",
                        "- upload: { into: { css: \"input[type=file]\" }, file: photo.png }",
                        {
                            key("into", &Upload::target, "the field"),
                            key("file", Type::kText, &Upload::file, "its path, below the playbook's folder").required(),
                        }),
      with_value("wait_for", Type::kCondition, "Waits until a condition holds.", "- wait_for: { url: \"/my/**\" }",
                 [](const yaml::Node& node, Reader& reader) -> std::optional<Action> {
                   auto condition = reader.condition(node);
                   if (!condition) return std::nullopt;
                   return WaitFor{*std::move(condition)};
                 }),
      with_locator("dismiss", "Clicks an element if it is there, and is silent if not: banners and tips.",
                   "- dismiss: { role: button, name: Not now }",
                   [](Locator target) { return Dismiss{std::move(target)}; }),
      with_keys<FollowNewPage>("follow_new_page", "Goes on in the tab or popup that opened last, or is about to.",
                               "- follow_new_page: {}", {}),
      with_keys<ReturnToFirstPage>("return_to_first_page", "Goes back to the first page and closes the others.",
                                   "- return_to_first_page: {}", {}),
      [] {
        ActionInfo info =
            with_value("answer_dialogs", Type::kChoice,
                       "Says how the browser's confirm dialogs are answered from here on. At first they are dismissed.",
                       "- answer_dialogs: accept", [](const yaml::Node& node, Reader& reader) -> std::optional<Action> {
                         const auto index = reader.choice(node, {"accept", "dismiss"});
                         if (!index) return std::nullopt;
                         return AnswerDialogs{*index == 0};
                       });
        info.choices = {"accept", "dismiss"};
        return info;
      }(),
  };
}

struct Namer {
  std::string_view operator()(const Open&) const { return "open"; }
  std::string_view operator()(const Click&) const { return "click"; }
  std::string_view operator()(const Fill&) const { return "fill"; }
  std::string_view operator()(const FillPassword&) const { return "fill_password"; }
  std::string_view operator()(const Ask&) const { return "ask"; }
  std::string_view operator()(const Check& check) const { return check.wanted ? "check" : "uncheck"; }
  std::string_view operator()(const Select&) const { return "select"; }
  std::string_view operator()(const Press&) const { return "press"; }
  std::string_view operator()(const Upload&) const { return "upload"; }
  std::string_view operator()(const WaitFor&) const { return "wait_for"; }
  std::string_view operator()(const Dismiss&) const { return "dismiss"; }
  std::string_view operator()(const FollowNewPage&) const { return "follow_new_page"; }
  std::string_view operator()(const ReturnToFirstPage&) const { return "return_to_first_page"; }
  std::string_view operator()(const AnswerDialogs&) const { return "answer_dialogs"; }
  std::string_view operator()(const Stop&) const { return "stop"; }
  std::string_view operator()(const OneOf&) const { return "one_of"; }
  std::string_view operator()(const SignIn&) const { return "sign_in"; }
  std::string_view operator()(const CaptureSecret&) const { return "capture_secret"; }
  std::string_view operator()(const SubmitCode&) const { return "submit_code"; }
  std::string_view operator()(const SaveRecoveryCodes&) const { return "save_recovery_codes"; }
  std::string_view operator()(const Reauthenticate&) const { return "reauthenticate"; }
  std::string_view operator()(const ChooseMethod&) const { return "choose_method"; }
  std::string_view operator()(const TrustDevice&) const { return "trust_device"; }
};

}  // namespace

std::string_view action_name(const Action& action) { return std::visit(Namer{}, action); }

const std::vector<ActionInfo>& actions() {
  static const std::vector<ActionInfo> all = [] {
    std::vector<ActionInfo> result = built_in_actions();
    for (auto& info : branching_actions()) result.push_back(std::move(info));
    for (auto& info : plain_actions()) result.push_back(std::move(info));
    return result;
  }();
  return all;
}

const ActionInfo* find_action(std::string_view name) {
  const auto found = std::ranges::find(actions(), name, &ActionInfo::name);
  return found == actions().end() ? nullptr : &*found;
}

}  // namespace totpilot::playbook
