// submit_code: the code that turns MFA on or off, or that the app wants in between. What counts as "taken" is the
// mission's: where it matters only positive evidence does.
#include "agent/flow/mfa_page.h"
#include "agent/flow/recovery_scan.h"
#include "agent/flow/signals.h"
#include "agent/flow/steps/steps.h"
#include "agent/flow/words.h"

namespace totpilot::flow::steps {
namespace {

using browser::Locator;
using playbook::SubmitCode;

/// Types one code, or those of two neighbouring windows one after the other.
task<void> type_codes(Walk& walk, const SubmitCode& action, Locator into, StepTime time) {
  Mission* mission = &walk.mission;
  const std::function<task<CodeTicket>()> first = [mission] { return mission->next_code(); };
  co_await type_code(walk, into, first, time);
  if (!action.pair) co_return;
  if (!action.second_into) throw Failure(Outcome::kPlaybookInvalid, "submit_code with a pair needs second_into");
  const CodeTicket second = co_await mission->next_neighbour();
  co_await walk.page().fill_secret(*action.second_into, second.supplier, time.fresh());
}

/// Presses what submits, unless the page has gone on by itself.
task<void> press(Walk& walk, const SubmitCode& action, Locator into, StepTime time) {
  if (action.submits_by_itself) co_return;
  std::exception_ptr error;
  try {
    co_await walk.page().click(action.press.value_or(submit_of(into)), time.fresh());
  } catch (const Failure& failure) {
    if (failure.code() != Outcome::kPageChanged || action.press) throw;
    error = std::current_exception();
  }
  if (!error) co_return;
  const bool still_there = co_await walk.shows_now(into, time.fresh());
  if (still_there) std::rethrow_exception(error);
}

Signals answers(Walk& walk, const SubmitCode& action) {
  Signals signals(walk);
  signals.add_or_guess(Meaning::kAccepted, action.accepted, std::nullopt);
  if (const auto by_default = walk.mission.default_accepted()) signals.add(Meaning::kAccepted, *by_default);
  signals.add_or_guess(Meaning::kRejected, action.rejected, shows(any_text(words::code_rejected())));
  signals.guess_refusals(std::nullopt);
  return signals;
}

/// Recovery codes that show after the code are the app's way to say that it took it.
task<bool> codes_show(Walk& walk, Deadline deadline) {
  PageText texts;
  std::vector<browser::Reading> readings = co_await walk.page().read(std::nullopt, deadline);
  bool named = false;
  for (browser::Reading& reading : readings) {
    named = named || words::names_recovery_codes(reading.content.reveal());
    texts.push_back(placed(std::move(reading)));
  }
  if (!named) co_return false;
  const auto found = find_recovery_codes(texts, {}, walk.mission.captured_key());
  co_return found && found->codes.size() >= 4;
}

/// The field went away and nothing known has come: looks for evidence, in the end on the MFA page itself.
task<std::string> evidence_elsewhere(Walk& walk, StepTime time) {
  Signals soon(walk);
  if (const auto by_default = walk.mission.default_accepted()) soon.add(Meaning::kAccepted, *by_default);
  soon.add(Meaning::kRejected, shows(any_text(words::code_rejected())));
  const auto seen = co_await soon.wait({time.whole, std::min(time.span, walk.context.limits.glance)});
  if (seen == Meaning::kAccepted) co_return std::string("the setting shows the change");
  if (seen == Meaning::kRejected) co_return std::string();
  if (co_await codes_show(walk, time.fresh())) co_return std::string("recovery codes show");
  const MfaState state = co_await open_mfa_page(walk);
  if (state == walk.mission.wanted_state()) co_return std::string("the MFA page says so");
  throw Failure(Outcome::kPageChanged, "after the code neither acceptance nor a refusal shows");
}

}  // namespace

task<StepResult> submit_code(Walk& walk, const SubmitCode& action, StepTime time) {
  const Locator into = action.into.value_or(field(browser::FieldKind::kCode));
  Signals signals = answers(walk, action);
  co_await signals.drop_standing(time.fresh());
  co_await type_codes(walk, action, into, time);
  co_await press(walk, action, into, time);
  co_await walk.mission.submitted();

  if (!action.accepted) signals.add(Meaning::kFieldGone, hides(into));
  std::optional<Meaning> seen = co_await signals.wait(time);
  if (!seen) {
    if (const auto standing = co_await signals.standing_refusal(time.fresh())) seen = standing;
  }
  if (!seen) throw Failure(Outcome::kPageChanged, "after the code neither acceptance nor a refusal shows");
  throw_refusal(*seen);
  std::string evidence = "the page shows what the playbook names";
  if (*seen == Meaning::kFieldGone && walk.mission.needs_evidence()) evidence = co_await evidence_elsewhere(walk, time);
  if (*seen == Meaning::kRejected || evidence.empty()) {
    co_await walk.mission.rejected();
    throw Failure(Outcome::kCodeRejected, "the app refused the code");
  }
  co_await walk.mission.accepted(evidence);
  co_return StepResult{std::move(evidence)};
}

}  // namespace totpilot::flow::steps
