#include "agent/flow/signals.h"

#include <fmt/format.h>

#include "agent/flow/runner.h"
#include "agent/flow/words.h"

namespace totpilot::flow {
namespace {

constexpr int kWatcherRuns = 5;

bool is_refusal(Meaning meaning) {
  switch (meaning) {
    case Meaning::kRejected:
    case Meaning::kBadCredentials:
    case Meaning::kLockedOut:
    case Meaning::kRateLimited:
    case Meaning::kCaptcha:
    case Meaning::kAlert:
      return true;
    default:
      return false;
  }
}

/// The widgets of the known vendors, and fields that are called so.
browser::Locator captcha_widget() {
  return css(
      "iframe[src*='recaptcha/api2/anchor'], iframe[src*='recaptcha/api2/bframe'], "
      "iframe[src*='recaptcha/enterprise'], "
      "iframe[src*='hcaptcha.com'], iframe[src*='challenges.cloudflare.com'], .g-recaptcha, .h-captcha, .cf-turnstile, "
      "input[name*='captcha' i]:not([type=hidden]), img[src*='captcha' i]");
}

}  // namespace

void Signals::add_or_guess(Meaning meaning, const std::optional<browser::Condition>& named,
                           std::optional<browser::Condition> guessed) {
  if (named)
    add(meaning, *named);
  else if (guessed)
    guess(meaning, std::move(*guessed));
}

void Signals::guess_refusals(const std::optional<browser::Condition>& locked_out) {
  add_or_guess(Meaning::kLockedOut, locked_out, shows(any_text(words::locked_out())));
  guess(Meaning::kRateLimited, shows(any_text(words::rate_limited())));
  guess(Meaning::kCaptcha, shows(captcha_widget()));
  guess(Meaning::kCaptcha, shows(any_text(words::captcha())));
}

void Signals::add_watchers() {
  if (walk_->in_watcher) return;
  for (std::size_t i = 0; i < walk_->playbook.watchers.size(); ++i)
    list_.push_back({Meaning::kWatcher, walk_->playbook.watchers[i].when, false, i});
}

task<void> Signals::drop_standing(Deadline deadline) {
  for (;;) {
    std::vector<browser::Condition> guesses;
    std::vector<std::size_t> at;
    for (std::size_t i = 0; i < list_.size(); ++i) {
      if (!list_[i].guessed && !is_refusal(list_[i].meaning)) continue;
      guesses.push_back(list_[i].condition);
      at.push_back(i);
    }
    if (guesses.empty()) co_return;
    const auto held = co_await walk_->holds_now(std::move(guesses), deadline);
    if (!held) co_return;
    dropped_.push_back(std::move(list_[at[*held]]));
    list_.erase(list_.begin() + static_cast<std::ptrdiff_t>(at[*held]));
  }
}

task<std::optional<Meaning>> Signals::wait(StepTime time) {
  for (int runs = 0;; ++runs) {
    std::vector<browser::Condition> conditions;
    conditions.reserve(list_.size());
    for (const Signal& signal : list_) conditions.push_back(signal.condition);
    std::size_t index = 0;
    bool came = true;
    try {
      index = co_await walk_->page().wait_for(std::move(conditions), time.fresh());
    } catch (const Failure& failure) {
      if (failure.code() != Outcome::kPageChanged) throw;
      came = false;
    }
    if (!came) co_return std::nullopt;
    if (list_[index].meaning != Meaning::kWatcher) co_return list_[index].meaning;
    const playbook::Watcher& watcher = walk_->playbook.watchers[list_[index].watcher];
    if (runs == kWatcherRuns)
      throw Failure(Outcome::kPageChanged,
                    fmt::format("watcher \"{}\" was handled {} times and still holds", watcher.name, runs));
    co_await run_watcher(*walk_, watcher, "w");
  }
}

task<std::optional<Meaning>> Signals::standing_refusal(Deadline deadline) {
  std::vector<browser::Condition> conditions;
  conditions.reserve(dropped_.size());
  for (const Signal& signal : dropped_) conditions.push_back(signal.condition);
  if (conditions.empty()) co_return std::nullopt;
  const auto held = co_await walk_->holds_now(std::move(conditions), deadline);
  if (!held) co_return std::nullopt;
  co_return dropped_[*held].meaning;
}

void throw_refusal(Meaning meaning) {
  switch (meaning) {
    case Meaning::kBadCredentials:
      throw Failure(Outcome::kBadCredentials, "the app refused the user name or the password");
    case Meaning::kLockedOut:
      throw Failure(Outcome::kLockedOut, "the app says that the account is locked");
    case Meaning::kRateLimited:
      throw Failure(Outcome::kRateLimited, "the app says that there were too many tries");
    case Meaning::kCaptcha:
      throw Failure(Outcome::kCaptcha, "the app asks for a captcha");
    default:
      return;
  }
}

}  // namespace totpilot::flow
