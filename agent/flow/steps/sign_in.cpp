// sign_in: user name, password, and a code when the app asks for one. Success is only what session.in shows; everything
// else that a sign-in page may say is named, and none of it is fought.
#include <fmt/format.h>

#include "agent/flow/signals.h"
#include "agent/flow/steps/steps.h"
#include "agent/flow/words.h"

namespace totpilot::flow::steps {
namespace {

using browser::FieldKind;
using browser::Locator;

constexpr int kCodeTries = 2;

struct Form {
  Locator username;
  Locator password;
  Locator code;
};

Form form_of(const playbook::SignIn& action) {
  return {action.username.value_or(field(FieldKind::kUsername)), action.password.value_or(field(FieldKind::kPassword)),
          action.code.value_or(field(FieldKind::kCode))};
}

/// A page between the code and the app, which a later trust_device step of the same flow answers.
std::optional<browser::Condition> trust_page(const playbook::Playbook& playbook) {
  for (const playbook::Step& step : playbook.login.steps) {
    const auto* trust = std::get_if<playbook::TrustDevice>(&step.action);
    if (trust != nullptr && trust->press) return shows(*trust->press);
  }
  return std::nullopt;
}

void add_success(Signals& signals, const Walk& walk) {
  signals.add(Meaning::kSignedIn, walk.playbook.session.in);
  if (auto trust = trust_page(walk.playbook)) signals.add(Meaning::kGoesOn, std::move(*trust));
}

/// throw_refusal, counting a refused password.
task<void> refuse(Walk& walk, Meaning seen) {
  if (seen == Meaning::kBadCredentials) co_await walk.desk.password_refused();
  throw_refusal(seen);
}

bool is_in(std::optional<Meaning> meaning) { return meaning == Meaning::kSignedIn || meaning == Meaning::kGoesOn; }

/// After the password. Alerts come last: by then every better name for what they say had its chance.
Signals after_password(Walk& walk, const playbook::SignIn& action, const Form& form) {
  Signals signals(walk);
  add_success(signals, walk);
  if (action.code_asked)
    signals.add(Meaning::kCodeAsked, *action.code_asked);
  else
    signals.guess(Meaning::kCodeAsked, shows(form.code));
  signals.guess_refusals(action.locked_out);
  signals.add_or_guess(Meaning::kBadCredentials, action.bad_credentials, shows(any_text(words::bad_credentials())));
  if (!action.bad_credentials) signals.guess(Meaning::kAlert, shows(role("alert")));
  signals.add_watchers();
  return signals;
}

Signals after_code(Walk& walk, const playbook::SignIn& action) {
  Signals signals(walk);
  add_success(signals, walk);
  signals.guess_refusals(action.locked_out);
  signals.add_or_guess(Meaning::kRejected, action.code_rejected, shows(any_text(words::code_rejected())));
  if (!action.code_rejected) signals.guess(Meaning::kRejected, shows(role("alert")));
  signals.add_watchers();
  return signals;
}

/// Fills the user name and gets to the password field, on the same page or the next. False: the app is signed in
/// already.
task<bool> reach_password(Walk& walk, const playbook::SignIn& action, Form form, StepTime time) {
  Signals start(walk);
  start.add(Meaning::kSignedIn, walk.playbook.session.in);
  start.add(Meaning::kGoesOn, shows(form.username));
  start.guess_refusals(action.locked_out);
  start.add_watchers();
  const auto first = co_await start.wait(time);
  if (!first) throw Failure(Outcome::kPageChanged, "no field for the user name shows on the sign-in page");
  if (*first == Meaning::kSignedIn) co_return false;
  throw_refusal(*first);

  co_await walk.page().fill(form.username, walk.context.account.username, time.fresh());
  if (co_await walk.shows_now(form.password, time.fresh())) co_return true;

  Signals signals(walk);
  signals.add(Meaning::kGoesOn, shows(form.password));
  signals.guess_refusals(action.locked_out);
  signals.add_or_guess(Meaning::kBadCredentials, action.bad_credentials, shows(any_text(words::bad_credentials())));
  signals.add_watchers();
  co_await signals.drop_standing(time.fresh());
  co_await walk.page().click(action.next.value_or(submit_of(form.username)), time.fresh());
  const auto seen = co_await signals.wait(time);
  if (!seen) throw Failure(Outcome::kPageChanged, "no field for the password shows after the user name");
  throw_refusal(*seen);
  co_return true;
}

/// Presses what submits the code, unless the page has gone on by itself.
task<void> press_code(Walk& walk, const playbook::SignIn& action, Form form, StepTime time) {
  std::exception_ptr error;
  try {
    co_await walk.page().click(action.code_press.value_or(submit_of(form.code)), time.fresh());
  } catch (const Failure& failure) {
    if (failure.code() != Outcome::kPageChanged) throw;
    error = std::current_exception();
  }
  if (!error) co_return;
  const bool still_there = co_await walk.shows_now(form.code, time.fresh());
  if (still_there) std::rethrow_exception(error);
}

task<CodeTicket> reserve_ticket(Desk& desk, enrollment::DurableFactor& factor) {
  co_return desk.ticket(factor, co_await desk.reserve(factor.parameters().period), {});
}

/// One code typed and sent; true when the app took it.
task<bool> try_code(Walk& walk, const playbook::SignIn& action, Form form, enrollment::DurableFactor* factor,
                    StepTime time) {
  Desk* desk = &walk.desk;
  co_await desk->require_code_budget();
  const std::function<task<CodeTicket>()> next = [desk, factor] { return reserve_ticket(*desk, *factor); };
  co_await type_code(walk, form.code, next, time);
  Signals signals = after_code(walk, action);
  co_await signals.drop_standing(time.fresh());
  co_await press_code(walk, action, form, time);
  const auto seen = co_await signals.wait(time);
  if (is_in(seen)) {
    co_await desk->code_taken();
    co_return true;
  }
  if (seen) throw_refusal(*seen);
  if (!seen) {
    const bool asked_again = co_await walk.shows_now(form.code, time.fresh());
    if (!asked_again) throw Failure(Outcome::kPageChanged, "after the code neither session.in nor a refusal shows");
  }
  co_await desk->code_refused();
  co_return false;
}

task<void> answer_code(Walk& walk, const playbook::SignIn& action, Form form, StepTime time) {
  walk.mission.note_code_asked();
  enrollment::DurableFactor* factor = co_await walk.mission.sign_in_factor();
  co_await walk.desk.refresh_skew(walk.page(), time.fresh());
  for (int attempt = 1;; ++attempt) {
    const bool taken = co_await try_code(walk, action, form, factor, time);
    if (taken) co_return;
    // A clock that went astray is the commonest reason; whoever decides what to do next wants to know.
    co_await walk.desk.measure_skew(walk.page(), time.fresh());
    if (attempt == kCodeTries || walk.mission.after_refusal() == AfterRefusal::kGiveUp)
      throw Failure(Outcome::kCodeRejected, "the app refused the code");
    walk.tell.on_event(Remark{"the app refused the code; the clocks were compared, and the next one is taken"});
  }
}

/// Nothing of what was waited for came: says the most telling thing that stands there.
task<void> throw_unknown(Walk& walk, Signals& signals, Form form, Deadline deadline) {
  if (const auto standing = co_await signals.standing_refusal(deadline)) co_await refuse(walk, *standing);
  const bool form_again = co_await walk.shows_now(form.password, deadline);
  if (form_again) co_await walk.desk.password_refused();  // it may have been: better one try too few
  throw Failure(Outcome::kPageChanged,
                form_again ? "the sign-in form is still there after it was sent, and says nothing that is known"
                           : "after the password neither session.in nor a question for a code shows",
                form_again ? "name what the app shows for a wrong password in sign_in's bad_credentials" : "");
}

}  // namespace

task<StepResult> sign_in(Walk& walk, const playbook::SignIn& action, StepTime time) {
  const Form form = form_of(action);
  co_await walk.open(action.open.empty() ? walk.playbook.session.open : action.open, time.fresh());
  const bool has_form = co_await reach_password(walk, action, form, time);
  if (!has_form) co_return StepResult{"signed in already"};

  co_await walk.desk.require_password_budget();
  const Deadline typing = time.fresh();
  co_await walk.page().fill_secret(form.password, walk.desk.password(typing), typing);
  Signals signals = after_password(walk, action, form);
  co_await signals.drop_standing(time.fresh());
  co_await walk.page().click(action.press.value_or(submit_of(form.password)), time.fresh());

  std::optional<Meaning> seen = co_await signals.wait(time);
  if (seen == Meaning::kAlert) {
    // An alert beside the form is its refusal; one on the way into the app is not.
    const bool form_again = co_await walk.shows_now(form.password, time.fresh());
    if (form_again) {
      co_await walk.desk.password_refused();
      throw Failure(Outcome::kBadCredentials, "the app shows an alert and the sign-in form again");
    }
    Signals rest(walk);
    add_success(rest, walk);
    rest.add(Meaning::kCodeAsked, action.code_asked.value_or(shows(form.code)));
    seen = co_await rest.wait(time);
  }
  if (!seen) co_await throw_unknown(walk, signals, form, time.fresh());
  co_await refuse(walk, *seen);
  co_await walk.desk.password_taken();
  if (*seen != Meaning::kCodeAsked) co_return StepResult{"no code asked"};
  co_await answer_code(walk, action, form, time);
  co_return StepResult{"with a code"};
}

}  // namespace totpilot::flow::steps
