#pragma once
// EnrollMission: what the steps of an enroll flow do to its journal. Every act that could lose a secret or lock a
// person out is written down here before the page gets it.
#include <optional>
#include <string>

#include "agent/flow/mission.h"

namespace totpilot::flow {

class EnrollMission final : public Mission {
 public:
  EnrollMission(Desk& desk, const playbook::Playbook& playbook, enrollment::Enrollment& enrollment)
      : Mission(desk), playbook_(playbook), enrollment_(enrollment) {}

  task<void> captured(FoundSecret secret) override;
  /// The first one arms the journal when the field is ready; later ones are plain.
  task<CodeTicket> next_code() override;
  task<CodeTicket> next_neighbour() override;
  std::optional<browser::Condition> default_accepted() const override;
  bool needs_evidence() const override { return !confirmed() && turns_on_at() == playbook::TurnsOnAt::kSubmitCode; }
  task<void> submitted() override;
  task<void> accepted(std::string evidence) override;
  task<void> keep_codes(std::vector<Secret> codes) override;
  const Secret* captured_key() const override { return key_.empty() ? nullptr : &key_; }
  task<void> before_turning_on() override;
  playbook::TurnsOnAt turns_on_at() const override { return playbook_.facts.turns_on_at; }
  bool turns_on() const override { return true; }

  /// Has the app said so already?
  bool confirmed() const { return enrollment_.state() == enrollment::State::kAppConfirmed; }
  /// The setting shows that MFA is on.
  task<void> confirm(std::string evidence);
  bool has_candidate() const { return candidate_.has_value(); }
  FactorId candidate() const { return candidate_ ? candidate_->id() : FactorId(); }
  const std::string& source() const { return source_; }
  int codes_kept() const { return codes_kept_; }

 private:
  bool armed() const;
  task<void> arm(const enrollment::WindowReservation& reservation);

  const playbook::Playbook& playbook_;
  enrollment::Enrollment& enrollment_;
  std::optional<enrollment::DurableFactor> candidate_;
  Secret key_;   // raw, to tell the secret from recovery codes
  Secret text_;  // as base32: alive so that the redactor knows it
  std::string source_;
  int codes_kept_ = 0;
};

}  // namespace totpilot::flow
