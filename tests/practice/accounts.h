#pragma once
// Accounts: the rules of the practice app (passwords, codes, enrolment, recovery codes, locks) and the record of what
// happened. Knows no HTTP. Not thread-safe: its owner holds a lock.
#include <map>
#include <optional>
#include <string>

#include "tests/practice/ledger.h"
#include "tests/practice/oath.h"
#include "tests/practice/options.h"
#include "tests/practice/site_clock.h"

namespace totpilot::practice {

/// Where a submitted form came from.
struct Sender {
  std::string origin;
  std::string referer;
};

class Accounts {
 public:
  Accounts(const SiteOptions& options, const SiteClock& clock);

  void add(UserSeed seed);
  void set_behaviours(Behaviours behaviours) { site_behaviours_ = behaviours; }
  void set_behaviours(const std::string& user, Behaviours behaviours);
  /// Site's and user's together; an unknown or empty user has the site's.
  bool has(Behaviour behaviour, const std::string& user) const;

  LoginVerdict check_password(const std::string& user, const std::string& password, const Sender& sender);
  /// Writes down an attempt that was turned away before the password was looked at.
  void refuse_login(const std::string& user, LoginVerdict why, const Sender& sender);
  /// The same check without a record of a login, for the page that asks again.
  bool password_is(const std::string& user, const std::string& password) const;

  bool mfa_enabled(const std::string& user) const { return record(user).mfa_enabled; }
  /// Of the code's live secret, or the pending one when it is for enrolment. Recovery codes pass at sign-in only.
  CodeVerdict submit_code(const std::string& user, Purpose purpose, const std::string& code, const Sender& sender);
  /// Writes down a code for enrolment that came when MFA was on already.
  void note_late_code(const std::string& user, const std::string& code, const Sender& sender);
  bool accepts(const std::string& user, const std::string& secret) const;

  /// The secret that the set-up page shows; made or replaced as the behaviours say.
  std::string show_secret(const std::string& user);
  /// The pending secret becomes the live one.
  void turn_on(const std::string& user);
  void turn_off(const std::string& user);
  /// Ten new ones; the old are void.
  /// Sends a fresh code by e-mail: only the ledger has it.
  void mail_code(const std::string& user);
  /// Each is taken once.
  bool take_mailed_code(const std::string& user, const std::string& code);
  std::vector<std::string> renew_recovery_codes(const std::string& user);

  CodeScheme scheme(const std::string& user) const;
  const std::map<std::string, UserRecord>& records() const { return records_; }
  const std::vector<LoginAttempt>& logins() const { return logins_; }
  const std::vector<CodeSubmit>& codes() const { return codes_; }

 private:
  UserRecord& record(const std::string& user) { return records_.at(user); }
  const UserRecord& record(const std::string& user) const { return records_.at(user); }
  WindowRange range(const std::string& user) const;
  CodeSubmit new_submit(const std::string& user, Purpose purpose, const std::string& code, const Sender& sender) const;
  CodeVerdict judge(const std::string& user, Purpose purpose, CodeSubmit& submit);
  void count_wrong(const std::string& user);
  void make_pending(UserRecord& user);

  const SiteOptions& options_;
  const SiteClock& clock_;
  Behaviours site_behaviours_;
  std::map<std::string, Behaviours> user_behaviours_;
  std::map<std::string, UserRecord> records_;
  std::map<std::string, int> wrong_tries_;
  std::vector<LoginAttempt> logins_;
  std::vector<CodeSubmit> codes_;
};

}  // namespace totpilot::practice
