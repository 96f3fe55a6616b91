#pragma once
// The playbook as a tree: what the parser makes, the lint rules read and the runner follows. Plain data; knows no YAML.
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agent/base/failure.h"
#include "agent/browser/locator.h"

namespace totpilot::playbook {

using browser::Condition;
using browser::Locator;
using Millis = std::chrono::milliseconds;

struct Step;
using Steps = std::vector<Step>;

// ---- plain actions: one verb of the page each
// ---------------------------------------------------------------------------------

struct Open {
  std::string path;
};  // below the account's base URL
struct Click {
  Locator target;
};
/// Text that is no secret. `value` may hold {account.username}, {account.name}, {account.base_url}, {device_name};
/// nothing else.
struct Fill {
  Locator into;
  std::string value;
};
struct FillPassword {
  std::optional<Locator> into;
};  // the account's password; default: the password field
struct Ask {
  std::string what;  // "the code that the app sent by e-mail"
  std::optional<Locator> into;
};  // a value that only a person has; default: the code field
struct Check {
  Locator target;
  bool wanted = true;
};  // `check:` and `uncheck:`
struct Select {
  Locator target;
  std::string option;
};
struct Press {
  std::string key;
  std::optional<Locator> target;
};
struct Upload {
  Locator target;
  std::string file;
};
struct WaitFor {
  Condition condition;
};
struct Dismiss {
  Locator target;
};  // click if it is there, silent if not
struct FollowNewPage {};
struct ReturnToFirstPage {};
struct AnswerDialogs {
  bool accept = true;
};
struct Stop {
  Outcome outcome = Outcome::kNeedsHuman;
  std::string message;
};

struct Branch {
  std::string name;
  Condition when;
  std::optional<Outcome> outcome;  // ends the run with this code ("ok" ends the flow well) ...
  std::string message;             // ... and these words
  std::vector<Step> steps;         // ... or goes on with these
  SourcePosition at;
};
struct OneOf {
  std::vector<Branch> branches;
};  // waits for the first state that shows, and goes its way

// ---- built-in actions: carry what apps share; every locator is optional where the page can be read without it
// -----------------

struct SignIn {
  std::string open;  // default: session.open
  std::optional<Locator> username;
  std::optional<Locator> password;
  std::optional<Locator> next;  // identifier-first pages: pressed after the user name
  std::optional<Locator> press;
  std::optional<Locator> code;  // where the code goes when the app asks for one
  std::optional<Locator> code_press;
  std::optional<Condition> code_asked;     // default: the code field is visible
  std::optional<Condition> code_rejected;  // default: an alert shows, or the code field is there again
  std::optional<Condition> bad_credentials;
  std::optional<Condition> locked_out;
};

struct CaptureSecret {
  std::optional<Locator> reveal;  // "can't scan?": pressed when no secret is to be seen
  std::optional<Locator> within;
  std::optional<Locator> text;           // the element that holds the key
  std::optional<Locator> qr;             // the picture
  std::optional<Locator> link;           // the element with the otpauth URI in an attribute
  std::optional<Locator> copy;           // the button that copies the key
  std::optional<std::string> algorithm;  // only for apps that show the key alone and want something else than SHA1/6/30
  std::optional<int> digits;
  std::optional<int> period;
};

struct SubmitCode {
  std::optional<Locator> into;
  std::optional<Locator> press;
  bool submits_by_itself = false;
  bool pair = false;  // two codes of two neighbouring windows (second_into)
  std::optional<Locator> second_into;
  std::optional<Condition> accepted;  // default: mfa.enabled, or that recovery codes show
  std::optional<Condition> rejected;
};

struct SaveRecoveryCodes {
  std::optional<Locator> within;
  std::optional<Locator> copy;  // exactly one of copy, download, print; else they are read from the page
  std::optional<Locator> download;
  std::optional<Locator> print;
  std::optional<int> count;  // exact; without it 1 to 40
  std::optional<std::string>
      pattern;  // RE2-like subset: one code after white space is folded, e.g. "[0-9a-f]{4} [0-9a-f]{4} [0-9a-f]{4}"
  std::optional<Locator> saved;   // box to tick
  std::optional<Locator> finish;  // gate to pass after the codes are durable
};

struct Reauthenticate {            // the app asks for the password again; skipped when it does not within a moment
  std::optional<Condition> asked;  // default: a password field is visible
  std::optional<Locator> password;
  std::optional<Locator> press;
};

struct ChooseMethod {
  std::vector<Locator> prefer;
};  // pick the authenticator app on a chooser
struct TrustDevice {
  bool trust = false;
  std::optional<Locator> box;
  std::optional<Locator> press;
};

using Action = std::variant<Open, Click, Fill, FillPassword, Ask, Check, Select, Press, Upload, WaitFor, Dismiss,
                            FollowNewPage, ReturnToFirstPage, AnswerDialogs, Stop, OneOf, SignIn, CaptureSecret,
                            SubmitCode, SaveRecoveryCodes, Reauthenticate, ChooseMethod, TrustDevice>;

struct Step {
  std::string name;  // generated from the action where the playbook gives none
  Action action;
  std::optional<Condition> only_if;  // looked at once, without waiting
  std::optional<Millis> timeout;     // else the flow's default of 15 s
  SourcePosition at;
};

/// The key that names the action in YAML: "click", "submit_code".
std::string_view action_name(const Action& action);

// ---- facts
// --------------------------------------------------------------------------------------------------------------------

enum class CodeReuse { kRefused, kAccepted };
enum class PendingSecret { kKept, kRotatedOnOpen, kRotatedOnWrongCode };
/// The step whose act turns MFA on, and so is armed like a submit.
enum class TurnsOnAt { kSubmitCode, kSaveRecoveryCodes, kCaptureSecret, kLastStep };

/// Does the app hand out recovery codes when MFA is turned on?
enum class RecoveryCodes { kUnsaid, kNone, kOffered };

struct Facts {
  std::optional<int> sign_in_limit_count;  // "5 per 1m per account"
  std::optional<Millis> sign_in_limit_period;
  int sign_in_calls = 1;
  CodeReuse code_reuse = CodeReuse::kRefused;
  PendingSecret pending_secret = PendingSecret::kKept;
  TurnsOnAt turns_on_at = TurnsOnAt::kSubmitCode;
  int windows_back = 0;  // how many past windows the app still takes
  RecoveryCodes recovery_codes = RecoveryCodes::kUnsaid;
  bool needs_3d = false;
};

struct SessionFacts {
  std::string open;  // a page that only a signed-in user sees
  Condition in;
  Condition out;
};

struct MfaFacts {
  std::string open;  // path of the setting; steps in `reach` go on from there
  Steps reach;       // where no address leads to it directly
  Condition disabled;
  Condition enabled;
  std::optional<Condition> other_method;
  std::optional<Condition> not_offered;
};

struct Flow {
  Steps steps;
  SourcePosition at;
};

struct Watcher {  // looked for before every step; for what may turn up anywhere
  std::string name;
  Condition when;
  Steps steps;
  SourcePosition at;
};

struct Playbook {
  std::string app;
  std::string title;
  std::map<std::string, std::string> tested;  // version -> date
  std::string test_id_attribute = "data-testid";
  std::vector<std::string> needs_origins;
  Facts facts;
  SessionFacts session;
  MfaFacts mfa;
  std::vector<Watcher> watchers;
  Flow login;
  std::optional<Flow> enroll;
  std::optional<Flow> disable;
  std::optional<Flow> recovery_codes;
  std::optional<Flow> rotate_password;

  std::string file;  // as named in messages
  std::string text;  // the whole source, kept with each job
  std::string hash;  // SHA-256 of the text, hex
};

}  // namespace totpilot::playbook
