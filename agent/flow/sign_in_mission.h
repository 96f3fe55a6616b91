#pragma once
// SignInMission: signs in and does nothing else; with the account's current factor, or with one that is given.
#include <optional>
#include <utility>

#include "agent/flow/mission.h"

namespace totpilot::flow {

class SignInMission final : public Mission {
 public:
  SignInMission(Desk& desk, const playbook::Playbook& playbook) : Mission(desk), playbook_(playbook) {}
  SignInMission(Desk& desk, const playbook::Playbook& playbook, enrollment::DurableFactor factor,
                AfterRefusal after = AfterRefusal::kTryAgain)
      : Mission(desk), playbook_(playbook), after_(after) {
    current_.emplace(std::move(factor));
  }

  AfterRefusal after_refusal() const override { return after_; }
  std::optional<browser::Condition> default_accepted() const override { return playbook_.session.in; }

 private:
  const playbook::Playbook& playbook_;
  AfterRefusal after_ = AfterRefusal::kTryAgain;
};

}  // namespace totpilot::flow
