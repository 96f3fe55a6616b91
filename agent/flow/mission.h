#pragma once
// Mission: what the built-in steps may ask of the flow they run in. A flow overrides what it has; the rest says that
// the step has no place there.
#include <optional>
#include <string>
#include <vector>

#include "agent/flow/desk.h"
#include "agent/flow/secret_scan.h"
#include "agent/playbook/ast.h"

namespace totpilot::flow {

/// What happens when the app refuses a code at sign-in.
enum class AfterRefusal { kTryAgain, kGiveUp };

class Mission {
 public:
  explicit Mission(Desk& desk) : desk_(desk) {}
  virtual ~Mission() = default;
  Mission(const Mission&) = delete;
  Mission& operator=(const Mission&) = delete;

  // ---- sign_in
  // --------------------------------------------------------------------------------------------------------------
  /// The factor that answers the app's question for a code. mfa_already_on when none is ours.
  virtual task<enrollment::DurableFactor*> sign_in_factor();
  virtual AfterRefusal after_refusal() const { return AfterRefusal::kTryAgain; }
  /// The app asked for a code at sign-in.
  bool code_was_asked() const { return code_asked_; }
  /// The factor whose code was given; empty when none was.
  FactorId factor_used() const { return code_asked_ && current_ ? current_->id() : FactorId(); }
  void note_code_asked() { code_asked_ = true; }

  // ---- capture_secret
  // -------------------------------------------------------------------------------------------------------
  virtual task<void> captured(FoundSecret secret);

  // ---- submit_code
  // ----------------------------------------------------------------------------------------------------------
  /// A ticket for the next code this flow types: armed where it is the one that turns MFA on or off. By default one to
  /// sign in with.
  virtual task<CodeTicket> next_code();
  /// The code of the window right after the one that was typed last, for apps that want two. Waits for that window.
  virtual task<CodeTicket> next_neighbour();
  /// The condition that shows by itself that the code was taken, where the playbook names none.
  virtual std::optional<browser::Condition> default_accepted() const { return std::nullopt; }
  /// Does acceptance need positive evidence, or is a code field that goes away enough?
  virtual bool needs_evidence() const { return false; }
  /// What the MFA page says once the code of needs_evidence() was taken.
  virtual MfaState wanted_state() const { return MfaState::kOn; }
  virtual task<void> submitted() { co_return; }
  virtual task<void> accepted(std::string evidence);
  virtual task<void> rejected();

  // ---- save_recovery_codes
  // --------------------------------------------------------------------------------------------------
  /// Durable when it returns.
  virtual task<void> keep_codes(std::vector<Secret> codes);
  /// The secret that stands on the same page and is no recovery code; null where none was captured.
  virtual const Secret* captured_key() const { return nullptr; }

  // ---- acts that turn MFA on without a code
  // -----------------------------------------------------------------------------------
  /// Called before the gate of save_recovery_codes and before the last step, where the playbook says that this turns
  /// MFA on.
  virtual task<void> before_turning_on() { co_return; }
  virtual playbook::TurnsOnAt turns_on_at() const { return playbook::TurnsOnAt::kSubmitCode; }
  /// Do the steps of this flow end with the act that `turns_on_at() == kLastStep` speaks of?
  virtual bool turns_on() const { return false; }

 protected:
  Desk& desk_;
  /// Reserves a window and makes a plain ticket for `factor`, which must outlive it.
  task<CodeTicket> plain_ticket(enrollment::DurableFactor& factor);

  std::optional<enrollment::DurableFactor> current_;
  std::optional<totp::Window> last_window_;  // of the ticket given last

 private:
  bool code_asked_ = false;
};

}  // namespace totpilot::flow
