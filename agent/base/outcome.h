#pragma once
// Outcome codes: how a job or a command ended, as stable words that callers may branch on. The table in outcome.cpp is
// the one place that knows a code's name, its exit status, whether a retry can help, and the person's next step.
#include <optional>
#include <span>
#include <string_view>

namespace totpilot {

enum class Outcome {
  kOk,
  // the account or the app said so
  kBadCredentials,
  kMfaAlreadyOn,
  kOtherMethodOn,
  kTotpNotOffered,
  kReauthRequired,
  kUnderpermissioned,
  kCodeRejected,
  kCodeReused,
  kClockSkew,
  kSecretNotFound,
  kSecretMismatch,
  kRecoveryCodesNotSaved,
  kProofFailed,
  kPageChanged,
  kCaptcha,
  kLockedOut,
  kRateLimited,
  // the way there
  kOriginBlocked,
  kAppUnreachable,
  kBrowserLost,
  kTimedOut,
  kCancelled,
  // a person is needed
  kNoPlaybook,
  kNeedsInput,
  kNeedsHuman,
  kUncertain,
  // what was given to us
  kPlaybookInvalid,
  kInvalidInput,
  kUsage,
  kNotFound,
  kAlreadyExists,
  kChangedMeanwhile,
  // who asks
  kSignInRequired,
  kProofRequired,
  kApprovalRequired,
  kForbidden,
  // our own house
  kVaultSealed,
  kVaultMissing,
  kBusy,
  kStorageFailed,
  kInternal,
};

/// Can the same request succeed when it is made again without anybody changing anything?
enum class RetryClass { kNever, kLater, kAfterChange };

struct OutcomeInfo {
  Outcome code;
  std::string_view name;  // "bad_credentials"
  int exit_code;          // what the command line exits with
  RetryClass retry;
  std::string_view meaning;    // one sentence
  std::string_view next_step;  // what the person does now
};

const OutcomeInfo& outcome_info(Outcome code);
std::string_view outcome_name(Outcome code);
std::optional<Outcome> outcome_from_name(std::string_view name);
std::string_view retry_class_name(RetryClass retry);  // "never", "later", "after_change"
/// All codes in the order of the enumeration.
std::span<const OutcomeInfo> all_outcomes();

}  // namespace totpilot
