#include "agent/base/outcome.h"

#include <algorithm>
#include <array>

namespace totpilot {
namespace {

using enum RetryClass;

// Exit codes: 0 done; 1 our own fault; 2 the call was wrong; 3 what it names is not there or is there already; 4 a
// person must act; 5 the app refused; 6 the way to the app failed, later may help; 7 the vault is closed, missing or
// held; 8 uncertain.
constexpr std::array kTable = {
    OutcomeInfo{Outcome::kOk, "ok", 0, kNever, "it is done", "nothing to do"},
    OutcomeInfo{Outcome::kBadCredentials, "bad_credentials", 5, kAfterChange,
                "the app refused the user name or the password",
                "correct the password: totpilot account set ACCOUNT --password-stdin"},
    OutcomeInfo{Outcome::kMfaAlreadyOn, "mfa_already_on", 5, kAfterChange,
                "MFA is already on with an authenticator that is not ours",
                "import its secret (totpilot factor import ACCOUNT FILE --confirmed) or turn MFA off in the app first"},
    OutcomeInfo{Outcome::kOtherMethodOn, "other_method_on", 5, kAfterChange,
                "the app already asks this account for another method",
                "turn the other method off in the app, or keep it and leave this account as it is"},
    OutcomeInfo{Outcome::kTotpNotOffered, "totp_not_offered", 5, kAfterChange,
                "the app offers this account no authenticator app",
                "ask the app's administrator to allow authenticator apps for this account"},
    OutcomeInfo{Outcome::kReauthRequired, "reauth_required", 5, kAfterChange,
                "the app wants a proof of identity that totpilot does not hold",
                "store the account's password, or do this step by hand"},
    OutcomeInfo{Outcome::kUnderpermissioned, "underpermissioned", 5, kAfterChange,
                "the account may not change this setting", "ask the app's administrator for the permission"},
    OutcomeInfo{
        Outcome::kCodeRejected, "code_rejected", 5, kAfterChange, "the app refused a fresh code",
        "compare the clocks (totpilot check ACCOUNT); if they agree, the secret is not this account's: enroll again"},
    OutcomeInfo{Outcome::kCodeReused, "code_reused", 5, kLater, "the app has already seen a code of this window",
                "wait for the next window"},
    OutcomeInfo{Outcome::kClockSkew, "clock_skew", 6, kAfterChange,
                "the clocks of this machine and of the app are too far apart", "correct the clock of this machine"},
    OutcomeInfo{Outcome::kSecretNotFound, "secret_not_found", 5, kAfterChange, "no secret key was found on the page",
                "look at the report's picture and name the place in the playbook's capture_secret"},
    OutcomeInfo{Outcome::kSecretMismatch, "secret_mismatch", 5, kAfterChange, "the sources of the secret do not agree",
                "look at the report; name one place in the playbook's capture_secret"},
    OutcomeInfo{Outcome::kRecoveryCodesNotSaved, "recovery_codes_not_saved", 5, kAfterChange,
                "MFA is on, but its recovery codes could not be read",
                "create new recovery codes in the app and save them"},
    OutcomeInfo{Outcome::kProofFailed, "proof_failed", 5, kLater,
                "the fresh login that proves the new secret did not succeed",
                "run totpilot recover; the factor is kept and can be used"},
    OutcomeInfo{Outcome::kPageChanged, "page_changed", 5, kAfterChange, "the page is not what the playbook describes",
                "compare the report's picture and outline with the playbook's step"},
    OutcomeInfo{Outcome::kCaptcha, "captcha", 4, kLater, "the app asks for a captcha",
                "solve it by hand in a browser, then try again"},
    OutcomeInfo{Outcome::kLockedOut, "locked_out", 5, kLater, "the app has locked the account",
                "unlock the account in the app, or wait"},
    OutcomeInfo{Outcome::kRateLimited, "rate_limited", 6, kLater, "the app asks to slow down",
                "wait some minutes and try again"},
    OutcomeInfo{Outcome::kOriginBlocked, "origin_blocked", 5, kAfterChange,
                "a secret would have gone to an origin that is not pinned",
                "check the address; if it is right, add it: totpilot account set ACCOUNT --add-origin ORIGIN"},
    OutcomeInfo{Outcome::kAppUnreachable, "app_unreachable", 6, kLater, "the app does not answer",
                "check that the app is up and its address is right"},
    OutcomeInfo{Outcome::kBrowserLost, "browser_lost", 6, kLater, "the browser went away",
                "try again; run totpilot doctor if it repeats"},
    OutcomeInfo{Outcome::kTimedOut, "timed_out", 6, kLater, "it took longer than it may",
                "try again; raise --timeout for a slow app"},
    OutcomeInfo{Outcome::kCancelled, "cancelled", 6, kNever, "it was cancelled", "start it again when wanted"},
    OutcomeInfo{Outcome::kNoPlaybook, "no_playbook", 4, kAfterChange, "there is no playbook for this app",
                "name one (totpilot account set ACCOUNT --app APP) or enroll by hand: totpilot factor import ACCOUNT"},
    OutcomeInfo{Outcome::kNeedsInput, "needs_input", 4, kAfterChange, "the app wants a value only a person has",
                "give the value and try again"},
    OutcomeInfo{Outcome::kNeedsHuman, "needs_human", 4, kAfterChange, "a person must decide",
                "read the report; nothing was deleted"},
    OutcomeInfo{Outcome::kUncertain, "uncertain", 8, kLater, "it is not known yet whether MFA is on",
                "run totpilot recover when the app answers; every captured secret is kept"},
    OutcomeInfo{Outcome::kPlaybookInvalid, "playbook_invalid", 2, kAfterChange, "the playbook has errors",
                "totpilot playbook lint FILE"},
    OutcomeInfo{Outcome::kInvalidInput, "invalid_input", 2, kAfterChange, "a value is not what it must be",
                "correct it as the message says"},
    OutcomeInfo{Outcome::kUsage, "usage", 2, kAfterChange, "the command was called wrongly", "see --help"},
    OutcomeInfo{Outcome::kNotFound, "not_found", 3, kAfterChange, "there is nothing of that name",
                "look at what there is: totpilot account list, totpilot factor list"},
    OutcomeInfo{Outcome::kAlreadyExists, "already_exists", 3, kAfterChange, "there is one of that name already",
                "choose another name"},
    OutcomeInfo{Outcome::kChangedMeanwhile, "changed_meanwhile", 3, kAfterChange,
                "it is no longer as the caller saw it", "read it again, then decide again"},
    OutcomeInfo{Outcome::kSignInRequired, "sign_in_required", 9, kAfterChange,
                "nobody is signed in, or no longer, or the token is not valid",
                "sign in to totpilot, or bring a token"},
    OutcomeInfo{Outcome::kProofRequired, "proof_required", 9, kAfterChange,
                "this wants password and code again, given within the last five minutes",
                "prove who you are once more, then repeat it"},
    OutcomeInfo{Outcome::kApprovalRequired, "approval_required", 9, kLater, "a second person has to agree",
                "ask another owner or super admin to grant it within the hour"},
    OutcomeInfo{Outcome::kForbidden, "forbidden", 9, kAfterChange, "your role, share or token does not allow this",
                "ask somebody who manages the account, or an admin of the workspace"},
    OutcomeInfo{Outcome::kVaultSealed, "vault_sealed", 7, kAfterChange, "the vault's key is not to be had",
                "give the passphrase or the key file that vault init named"},
    OutcomeInfo{Outcome::kVaultMissing, "vault_missing", 7, kAfterChange, "there is no vault yet",
                "totpilot vault init"},
    OutcomeInfo{Outcome::kBusy, "busy", 7, kLater, "another process holds it", "wait for the process named, or end it"},
    OutcomeInfo{Outcome::kStorageFailed, "storage_failed", 1, kLater, "the disk or the database refused",
                "check the disk"},
    OutcomeInfo{Outcome::kInternal, "internal", 1, kNever, "totpilot has a bug", "report it with the job's report"},
};

static_assert(kTable.size() == static_cast<std::size_t>(Outcome::kInternal) + 1);
static_assert([] {
  for (std::size_t i = 0; i < kTable.size(); ++i)
    if (static_cast<std::size_t>(kTable[i].code) != i) return false;
  return true;
}());

}  // namespace

const OutcomeInfo& outcome_info(Outcome code) { return kTable[static_cast<std::size_t>(code)]; }

std::string_view outcome_name(Outcome code) { return outcome_info(code).name; }

std::optional<Outcome> outcome_from_name(std::string_view name) {
  const auto* row = std::ranges::find(kTable, name, &OutcomeInfo::name);
  if (row == kTable.end()) return std::nullopt;
  return row->code;
}

std::string_view retry_class_name(RetryClass retry) {
  switch (retry) {
    case kNever:
      return "never";
    case kLater:
      return "later";
    case kAfterChange:
      return "after_change";
  }
  return "never";
}

std::span<const OutcomeInfo> all_outcomes() { return kTable; }

}  // namespace totpilot
