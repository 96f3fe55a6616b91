#include "tests/practice/accounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace totpilot::practice {

using enum Behaviour;

Accounts::Accounts(const SiteOptions& options, const SiteClock& clock)
    : options_(options), clock_(clock), site_behaviours_(options.behaviours) {
  for (const UserSeed& seed : options.users) add(seed);
}

void Accounts::add(UserSeed seed) {
  user_behaviours_[seed.name] = seed.behaviours;
  UserRecord& user = records_[seed.name];
  user.password = std::move(seed.password);
  user.live_secret = seed.live_secret;
  if (user.live_secret.empty() && has(kMfaOn, seed.name)) user.live_secret = new_secret();
  user.mfa_enabled = !user.live_secret.empty();
}

void Accounts::set_behaviours(const std::string& user, Behaviours behaviours) { user_behaviours_[user] = behaviours; }

bool Accounts::has(Behaviour behaviour, const std::string& user) const {
  const auto own = user_behaviours_.find(user);
  return site_behaviours_.has(behaviour) || (own != user_behaviours_.end() && own->second.has(behaviour));
}

LoginVerdict Accounts::check_password(const std::string& user, const std::string& password, const Sender& sender) {
  LoginVerdict verdict = LoginVerdict::kAccepted;
  const auto found = records_.find(user);
  if (found == records_.end()) {
    verdict = LoginVerdict::kUnknownUser;
  } else if (found->second.locked) {
    verdict = LoginVerdict::kLockedOut;
  } else if (found->second.password != password) {
    verdict = LoginVerdict::kWrongPassword;
    count_wrong(user);
  }
  refuse_login(user, verdict, sender);
  return verdict;
}

void Accounts::refuse_login(const std::string& user, LoginVerdict why, const Sender& sender) {
  logins_.push_back(
      {.at = clock_.now(), .user = user, .verdict = why, .origin = sender.origin, .referer = sender.referer});
}

bool Accounts::password_is(const std::string& user, const std::string& password) const {
  return record(user).password == password;
}

CodeSubmit Accounts::new_submit(const std::string& user, Purpose purpose, const std::string& code,
                                const Sender& sender) const {
  return {.at = clock_.now(),
          .user = user,
          .purpose = purpose,
          .code = code,
          .window = window_at(clock_.now(), scheme(user)),
          .origin = sender.origin,
          .referer = sender.referer};
}

void Accounts::note_late_code(const std::string& user, const std::string& code, const Sender& sender) {
  CodeSubmit submit = new_submit(user, Purpose::kEnrol, code, sender);
  submit.verdict = CodeVerdict::kTooLate;
  codes_.push_back(submit);
}

CodeVerdict Accounts::submit_code(const std::string& user, Purpose purpose, const std::string& code,
                                  const Sender& sender) {
  CodeSubmit submit = new_submit(user, purpose, code, sender);
  submit.verdict = judge(user, purpose, submit);
  if (submit.verdict == CodeVerdict::kAccepted) {
    record(user).spent_windows.insert(submit.window);
    wrong_tries_[user] = 0;
  } else if (submit.verdict == CodeVerdict::kWrong || submit.verdict == CodeVerdict::kReused) {
    count_wrong(user);
    if (purpose == Purpose::kEnrol && has(kRotatesOnWrongCode, user)) make_pending(record(user));
  }
  codes_.push_back(submit);
  return submit.verdict;
}

/// Fills in the window of `submit` where the code belongs to one.
CodeVerdict Accounts::judge(const std::string& user, Purpose purpose, CodeSubmit& submit) {
  UserRecord& owner = record(user);
  if (owner.locked) return CodeVerdict::kLockedOut;
  if (purpose == Purpose::kSignIn) {
    const auto recovery = std::ranges::find(owner.recovery_codes, submit.code);
    if (recovery != owner.recovery_codes.end()) {
      owner.recovery_codes.erase(recovery);
      return CodeVerdict::kAcceptedRecoveryCode;
    }
  }
  const std::string& secret = purpose == Purpose::kEnrol ? owner.pending_secret : owner.live_secret;
  if (secret.empty()) return CodeVerdict::kWrong;
  const auto window = window_of(submit.code, secret, submit.at, range(user), scheme(user));
  if (!window) return CodeVerdict::kWrong;
  submit.window = *window;
  // Spent windows belong to the user, not to the secret or the purpose: MediaWiki keeps them across re-enrolment.
  const bool spent = !owner.spent_windows.empty() && *window <= *owner.spent_windows.rbegin();
  return spent && !has(kAcceptsReusedCodes, user) ? CodeVerdict::kReused : CodeVerdict::kAccepted;
}

bool Accounts::accepts(const std::string& user, const std::string& secret) const {
  const UserRecord& owner = record(user);
  if (!owner.mfa_enabled || owner.live_secret.empty()) return false;
  const CodeScheme codes = scheme(user);
  try {
    const std::string code = code_for(secret, window_at(clock_.now(), codes), codes);
    return window_of(code, owner.live_secret, clock_.now(), range(user), codes).has_value();
  } catch (const std::invalid_argument&) {
    return false;
  }
}

std::string Accounts::show_secret(const std::string& user) {
  UserRecord& owner = record(user);
  if (owner.pending_secret.empty() || has(kRotatesOnOpen, user)) make_pending(owner);
  if (owner.shown_secrets.empty() || owner.shown_secrets.back() != owner.pending_secret) {
    owner.shown_secrets.push_back(owner.pending_secret);
  }
  return owner.pending_secret;
}

void Accounts::turn_on(const std::string& user) {
  UserRecord& owner = record(user);
  if (owner.pending_secret.empty()) throw std::logic_error("turned on without a pending secret");
  owner.live_secret = has(kRotatesAfterSuccess, user) ? new_secret() : owner.pending_secret;
  owner.pending_secret.clear();
  owner.mfa_enabled = true;
  ++owner.times_enabled;
}

void Accounts::turn_off(const std::string& user) {
  UserRecord& owner = record(user);
  owner.live_secret.clear();
  owner.pending_secret.clear();
  owner.recovery_codes.clear();
  owner.mfa_enabled = false;
  ++owner.times_disabled;
}

void Accounts::mail_code(const std::string& user) {
  const auto number = std::stoul(new_token().substr(0, 6), nullptr, 16);
  record(user).mailed_code = fmt::format("{:06}", number % 1'000'000);
}

bool Accounts::take_mailed_code(const std::string& user, const std::string& code) {
  UserRecord& held = record(user);
  if (held.mailed_code.empty() || held.mailed_code != code) return false;
  held.mailed_code.clear();
  return true;
}

std::vector<std::string> Accounts::renew_recovery_codes(const std::string& user) {
  return record(user).recovery_codes = new_recovery_codes();
}

CodeScheme Accounts::scheme(const std::string& user) const {
  return {.hash = has(kSha256, user) ? CodeScheme::Hash::kSha256 : CodeScheme::Hash::kSha1,
          .digits = has(kEightDigits, user) ? 8 : 6,
          .period = has(kSixtySeconds, user) ? 60 : 30};
}

WindowRange Accounts::range(const std::string& user) const {
  if (has(kCurrentWindowOnly, user)) return {.back = 0, .ahead = 0};
  return {.back = options_.windows_back, .ahead = options_.windows_ahead};
}

void Accounts::count_wrong(const std::string& user) {
  if (++wrong_tries_[user] >= options_.wrong_tries_allowed && has(kLocksOut, user)) record(user).locked = true;
}

void Accounts::make_pending(UserRecord& user) { user.pending_secret = new_secret(); }

}  // namespace totpilot::practice
