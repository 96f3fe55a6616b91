#pragma once
// CodesMission: for flows on an account whose MFA is on (disable, new recovery codes): types codes of the current
// factor, keeps recovery codes.
#include <optional>

#include "agent/flow/mission.h"
#include "agent/flow/scene.h"

namespace totpilot::flow {

class CodesMission : public Mission {
 public:
  using Mission::Mission;

  task<void> keep_codes(std::vector<Secret> codes) override;
  int kept() const { return kept_; }

 private:
  int kept_ = 0;
};

class DisableMission final : public CodesMission {
 public:
  DisableMission(Desk& desk, const playbook::Playbook& playbook) : CodesMission(desk), playbook_(playbook) {}
  std::optional<browser::Condition> default_accepted() const override { return playbook_.mfa.disabled; }
  bool needs_evidence() const override { return true; }
  MfaState wanted_state() const override { return MfaState::kOff; }
  task<void> accepted(std::string evidence) override {
    was_accepted_ = true;
    co_await CodesMission::accepted(std::move(evidence));
  }
  /// The app has said that the code did it.
  bool was_accepted() const { return was_accepted_; }

 private:
  const playbook::Playbook& playbook_;
  bool was_accepted_ = false;
};

/// Signs in in a fresh browser and walks the playbook's recovery_codes. Gives how many are kept.
task<int> make_new_codes(Scene& scene);
/// Says by a remark that codes are to be had which nobody has, and how. For runs that make none themselves.
task<void> warn_of_lost_codes(Scene& scene);
/// The same as make_new_codes() where the codes of a setup were lost and the playbook knows how; 0, with a remark, when
/// they cannot be had.
task<int> replace_lost_codes(Scene& scene);

}  // namespace totpilot::flow
