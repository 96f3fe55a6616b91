#include "agent/flow/mission.h"

namespace totpilot::flow {
namespace {

Failure no_place(std::string_view step, std::string_view flow) {
  return Failure(Outcome::kPlaybookInvalid, fmt::format("{} belongs in {}", step, flow));
}

}  // namespace

task<enrollment::DurableFactor*> Mission::sign_in_factor() {
  if (!current_) {
    const AccountId account = desk_.account().id;
    const auto row = co_await desk_.on_pool([&] { return desk_.factors.current(account); });
    if (!row)
      throw Failure(Outcome::kMfaAlreadyOn, "the app asks for a code, and no secret of this account is known here",
                    "import it (totpilot factor import) or turn MFA off in the app");
    current_.emplace(co_await desk_.on_pool([&] { return desk_.factors.open(*row); }));
  }
  co_return &*current_;
}

task<void> Mission::captured(FoundSecret) {
  throw no_place("capture_secret", "flows.enroll");
  co_return;
}

task<CodeTicket> Mission::next_code() {
  throw no_place("submit_code", "flows.enroll, disable or recovery_codes");
  co_return CodeTicket{};
}

task<std::vector<CodeTicket>> Mission::next_pair() {
  throw no_place("submit_code with a pair", "flows.enroll");
  co_return std::vector<CodeTicket>{};
}

task<void> Mission::accepted(std::string) { co_await desk_.code_taken(); }

task<void> Mission::rejected() { co_await desk_.code_refused(); }

task<void> Mission::keep_codes(std::vector<Secret>) {
  throw no_place("save_recovery_codes", "flows.enroll or recovery_codes");
  co_return;
}

}  // namespace totpilot::flow
