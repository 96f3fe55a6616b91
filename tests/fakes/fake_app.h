#pragma once
// FakeApp: an app with one user, a sign-in, an MFA setting and a ledger of what really happened. It verifies codes as
// RFC 6238 says.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/base/clock.h"
#include "agent/base/secret.h"
#include "agent/totp/otpauth.h"
#include "tests/fakes/fake_page.h"

namespace totpilot::fakes {

/// How the app behaves; the default is a decent one.
struct Manners {
  enum class Codes { kNone, kAfter, kBefore, kGate };
  Codes codes = Codes::kAfter;    // recovery codes: none; after the code; on the setup page; a gate that turns MFA on
  bool two_page_sign_in = false;  // the password on a second page
  bool rotates_on_open = false;   // the setup page shows a new secret each time
  bool refuses_reuse = true;      // no window twice
  int windows_back = 1;
  bool hides_key = false;  // behind a button "Can't scan it?"
  bool shows_qr = true;
  bool shows_other_key = false;  // the text is another key than the picture's
  bool base32_codes = false;     // recovery codes look like keys
  bool refuses_every_code = false;
  int refuse_codes = 0;               // the next so many codes, right or not
  bool dies_after_enabling = false;   // MFA is on, and the answer is an error page
  std::string says_at_sign_in;        // instead of looking at the password
  std::string mfa_page_says;          // "other": another method; "none": not offered; "off": whatever is so
  std::string mails_code;             // after the password it wants this, which it sent by e-mail
  bool asks_for_no_code = false;      // although MFA is on
  std::chrono::milliseconds skew{0};  // its clock minus ours
  bool down = false;                  // answers nothing
  std::vector<std::string> banners;   // things that stand over every page until their button is pressed
  bool banner_has_no_button = false;
};

/// What really happened.
struct Ledger {
  int password_tries = 0;
  int setup_opened = 0;
  int setup_submits = 0;  // codes sent on the setup page
  int wrong_codes = 0;
  int reused_codes = 0;
  int sign_ins = 0;
  int foreign_secrets = 0;  // secrets that were bound to another origin than ours
};

/// One browser's standing with the app.
struct Visit {
  enum class Stage { kOut, kPassword, kMailed, kCode, kIn };
  Stage stage = Stage::kOut;
  std::string path = "/login";
  std::string alert;
  std::map<std::string, std::string> values;  // by element id
  bool key_shown = false;
  bool saved_ticked = false;
  bool codes_to_show = false;
};

class FakeApp {
 public:
  explicit FakeApp(const Clock& clock) : clock_(clock) {}

  Manners manners;
  Ledger ledger;
  std::string username = "alice";
  std::string password = "Correct-horse-9";
  static constexpr const char* kOrigin = "http://127.0.0.1:8099";

  bool mfa_on() const { return live_.has_value(); }
  /// Turns MFA on with a secret that nobody else knows.
  void turn_on_elsewhere();
  void turn_off_elsewhere() { live_.reset(); }
  const Secret* live_key() const { return live_ ? &*live_ : nullptr; }
  const std::vector<std::string>& codes() const { return codes_; }
  TimePoint now() const { return clock_.now() + manners.skew; }
  /// Would it take this code now? Spends nothing.
  bool would_take(const Secret& code) const;

  FakePage render(Visit& visit) const;
  void open(Visit& visit, const std::string& path);
  /// Presses the element; throws app_unreachable where the app drops its answer.
  void press(Visit& visit, const std::string& id);
  void set(Visit& visit, const std::string& id, std::string value) { visit.values[id] = std::move(value); }
  std::string handed_out() const;

 private:
  bool take_code(const std::string& code, const Secret& key);
  void answer_sign_in(Visit& visit);
  void answer_setup(Visit& visit);
  void draw_pending();
  std::string key_text(const Secret& key) const;
  Secret new_key();

  const Clock& clock_;
  std::optional<Secret> live_;
  std::optional<Secret> pending_;
  std::vector<std::string> codes_;
  std::set<std::uint64_t> spent_;
  int drawn_ = 0;
};

}  // namespace totpilot::fakes
