// save_recovery_codes: reads the list where the app gives it, and passes the gate only when it is durable.
#include <fmt/format.h>

#include "agent/enrollment/fail_point.h"
#include "agent/flow/recovery_scan.h"
#include "agent/flow/signals.h"
#include "agent/flow/steps/steps.h"
#include "agent/flow/words.h"

namespace totpilot::flow::steps {
namespace {

using playbook::SaveRecoveryCodes;

task<PageText> handed_out(Walk& walk, const browser::Locator& button, browser::Handout how, Deadline deadline) {
  PageText texts;
  texts.push_back(placed(co_await walk.page().receive(button, how, deadline), true));
  co_return texts;
}

task<PageText> on_page(Walk& walk, const SaveRecoveryCodes& action, Deadline deadline) {
  PageText texts;
  std::vector<browser::Reading> readings = co_await walk.page().read(action.within, deadline);
  for (browser::Reading& reading : readings) {
    PlacedText text = placed(std::move(reading));
    // Addresses and attributes hold tokens by the dozen; codes are for people to read.
    if (text.route == Route::kText) texts.push_back(std::move(text));
  }
  co_return texts;
}

task<PageText> gather(Walk& walk, const SaveRecoveryCodes& action, StepTime time) {
  if (action.copy) co_return co_await handed_out(walk, *action.copy, browser::Handout::kClipboard, time.fresh());
  if (action.download) co_return co_await handed_out(walk, *action.download, browser::Handout::kDownload, time.fresh());
  if (action.print) co_return co_await handed_out(walk, *action.print, browser::Handout::kPrint, time.fresh());
  co_return co_await on_page(walk, action, time.fresh());
}

/// Waits for what shows that the list is there; true when there was something to wait for and it came.
task<bool> wait_for_list(Walk& walk, const SaveRecoveryCodes& action, StepTime time) {
  Signals signals(walk);
  for (const auto* named :
       {&action.within, &action.saved, &action.finish, &action.copy, &action.download, &action.print})
    if (*named) signals.add(Meaning::kGoesOn, shows(**named));
  signals.guess(Meaning::kGoesOn, shows(any_text({"recovery code", "backup code", "scratch token",
                                                  "Wiederherstellungscode", "code de secours", "codes de secours",
                                                  "código de recuperación", "códigos de recuperación"})));
  signals.add_watchers();
  const auto seen = co_await signals.wait(time);
  co_return seen.has_value();
}

}  // namespace

task<StepResult> save_recovery_codes(Walk& walk, const SaveRecoveryCodes& action, StepTime time) {
  walk.secrets_on_page = true;
  const RecoveryRules rules{action.count, action.pattern};
  const bool handout = action.copy || action.download || action.print;
  if (!handout && action.within) co_await wait_for_list(walk, action, time);
  auto found = find_recovery_codes(co_await gather(walk, action, time), rules, walk.mission.captured_key());
  if (!found && !handout && co_await wait_for_list(walk, action, time))
    found = find_recovery_codes(co_await gather(walk, action, time), rules, walk.mission.captured_key());
  if (!found) throw Failure(Outcome::kRecoveryCodesNotSaved, found.error());

  const std::size_t count = found->codes.size();
  co_await walk.mission.keep_codes(std::move(found->codes));
  if (action.saved) co_await walk.page().set_checked(*action.saved, browser::Checked::kYes, time.fresh());
  if (action.finish) {
    if (walk.mission.turns_on_at() == playbook::TurnsOnAt::kSaveRecoveryCodes)
      co_await walk.mission.before_turning_on();
    co_await walk.page().click(*action.finish, time.fresh());
    TOTPILOT_FAIL_POINT("recovery_codes.after_effect");
  }
  co_return StepResult{fmt::format("{} codes", count)};
}

}  // namespace totpilot::flow::steps
