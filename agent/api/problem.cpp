#include "agent/api/problem.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace totpilot::api {

unsigned http_status(Outcome outcome) {
  using enum Outcome;
  switch (outcome) {
    case kOk:
      return 200;
    case kUsage:
    case kInvalidInput:
    case kPlaybookInvalid:
      return 400;
    case kSignInRequired:
    case kBadCredentials:
      return 401;
    case kForbidden:
    case kProofRequired:
    case kApprovalRequired:
      return 403;
    case kNotFound:
    case kNoPlaybook:
      return 404;
    case kAlreadyExists:
    case kBusy:
    case kMfaAlreadyOn:
    case kOtherMethodOn:
    case kNeedsInput:
    case kNeedsHuman:
    case kUncertain:
    case kCancelled:
      return 409;
    case kChangedMeanwhile:
      return 412;
    case kRateLimited:
    case kLockedOut:
      return 429;
    case kTotpNotOffered:
    case kReauthRequired:
    case kUnderpermissioned:
    case kCodeRejected:
    case kCodeReused:
    case kClockSkew:
    case kSecretNotFound:
    case kSecretMismatch:
    case kRecoveryCodesNotSaved:
    case kProofFailed:
    case kPageChanged:
    case kCaptcha:
    case kOriginBlocked:
      return 422;
    case kAppUnreachable:
    case kBrowserLost:
      return 502;
    case kVaultSealed:
    case kVaultMissing:
      return 503;
    case kTimedOut:
      return 504;
    case kStorageFailed:
    case kInternal:
      return 500;
  }
  return 500;
}

Reply problem(const Failure& failure, std::string_view request_id) {
  return problem(http_status(failure.code()), failure, request_id);
}

Reply problem(unsigned status, const Failure& failure, std::string_view request_id) {
  const OutcomeInfo& info = outcome_info(failure.code());
  const nlohmann::ordered_json document{{"type", fmt::format("urn:totpilot:outcome:{}", info.name)},
                                        {"title", info.meaning},
                                        {"status", status},
                                        {"detail", failure.message()},
                                        {"outcome", info.name},
                                        {"hint", failure.hint()},
                                        {"retry", retry_class_name(info.retry)},
                                        {"request_id", request_id}};
  Reply reply;
  reply.status = status;
  reply.type = "application/problem+json";
  reply.headers.emplace_back("Cache-Control", "no-store");
  if (status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
  reply.body = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return reply;
}

std::string problem_table() {
  std::string table = "| outcome | HTTP status | meaning |\n|---|---|---|\n";
  for (const OutcomeInfo& one : all_outcomes())
    table += fmt::format("| `{}` | {} | {} |\n", one.name, http_status(one.code), one.meaning);
  return table;
}

}  // namespace totpilot::api
