#pragma once
// Signals: what a page may show after something was sent, each with its meaning. Those recognised by words are believed
// only when they were not there before.
#include <optional>
#include <string>
#include <vector>

#include "agent/flow/walk.h"

namespace totpilot::flow {

enum class Meaning {
  kSignedIn,
  kGoesOn,
  kCodeAsked,
  kAccepted,
  kRejected,
  kBadCredentials,
  kLockedOut,
  kRateLimited,
  kCaptcha,
  kAlert,
  kFieldGone,
  kWatcher
};

struct Signal {
  Meaning meaning;
  browser::Condition condition;
  bool guessed = false;     // by words or traits, not named by the playbook
  std::size_t watcher = 0;  // kWatcher: which
};

class Signals {
 public:
  explicit Signals(Walk& walk) : walk_(&walk) {}

  void add(Meaning meaning, browser::Condition condition) {
    list_.push_back({meaning, std::move(condition), false, 0});
  }
  /// The named condition if there is one, else the guess (if there is one).
  void add_or_guess(Meaning meaning, const std::optional<browser::Condition>& named,
                    std::optional<browser::Condition> guess);
  void guess(Meaning meaning, browser::Condition condition) {
    list_.push_back({meaning, std::move(condition), true, 0});
  }
  /// Locked out, rate limited, captcha, in every language we know.
  void guess_refusals(const std::optional<browser::Condition>& locked_out);
  void add_watchers();

  /// Forgets guesses and refusals that hold already: they were there before, and say nothing about what is sent now.
  task<void> drop_standing(Deadline deadline);
  /// The first that holds; nothing when none does in time. Watchers among them are handled on the way.
  task<std::optional<Meaning>> wait(StepTime time);
  /// Which one holds at this moment, also of those dropped before: what to call it when nothing came.
  task<std::optional<Meaning>> standing_refusal(Deadline deadline);

 private:
  Walk* walk_;
  std::vector<Signal> list_;
  std::vector<Signal> dropped_;
};

/// Throws the failure that a refusal means; returns for the other meanings.
void throw_refusal(Meaning meaning);

}  // namespace totpilot::flow
