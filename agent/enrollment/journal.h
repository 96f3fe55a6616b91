#pragma once
// Journal: the write-ahead record of enrollments. Every step that could lose a secret or lock a person out is written
// here, fenced by (state, seq, lease generation), before it is done. Blocking; call it on the pool. Any number of
// processes may hold one.
//
// A write that another job has overtaken throws busy: stop, the other one goes on. storage_failed means that it is not
// known to be written (a COMMIT that fails may have happened): the Journal has already looked again through another
// connection.
#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/base/clock.h"
#include "agent/base/id.h"
#include "agent/base/secret.h"
#include "agent/enrollment/durable_factor.h"
#include "agent/enrollment/lease.h"
#include "agent/enrollment/state.h"
#include "agent/enrollment/window_ledger.h"
#include "agent/store/rows.h"

namespace totpilot::store {
class Store;
class WriteTransaction;
}  // namespace totpilot::store
namespace totpilot::vault {
class Vault;
}

namespace totpilot::enrollment {

/// One enrollment as this writer last wrote or read it. Only the Journal makes and changes it.
class Enrollment {
 public:
  Enrollment(Enrollment&&) = default;
  Enrollment& operator=(Enrollment&&) = default;

  const EnrollmentId& id() const { return row_.id; }
  const AccountId& account() const { return row_.account; }
  State state() const { return state_; }
  const store::EnrollmentRow& row() const { return row_; }

 private:
  friend class Journal;
  Enrollment(store::EnrollmentRow row, State state, Lease lease)
      : row_(std::move(row)), state_(state), lease_(std::move(lease)) {}

  store::EnrollmentRow row_;
  State state_;
  Lease lease_;
};

struct Plan {
  AccountId account;
  Lease lease;
  std::string playbook_hash;
  std::string playbook_text;
};

struct Capture {
  Secret key;  // raw bytes
  totp::Parameters parameters;
  std::string issuer;
  std::string label;
  std::string vendor;  // see totp::OtpAuth
  std::string source;  // "text+qr"
};

/// Why it is certain that the app is as it was before.
enum class SafeProof {
  kNothingOpened,     // no page that makes a secret was opened; only from planned and authenticating
  kMfaOff,            // a fresh login was asked for no code, and the page says off
  kOldFactorWorks,    // a fresh login with the factor that was in use before succeeded
  kOtherFactorWorks,  // a later enrollment was proven by a fresh login with its factor
};
std::string_view safe_proof_name(SafeProof proof);

class Journal {
 public:
  Journal(store::Store& store, vault::Vault& vault, const Clock& clock)
      : store_(&store), vault_(&vault), clock_(&clock) {}

  /// A new enrollment in kPlanned. busy when the account has one that is not settled: recover it first.
  Enrollment begin(const Plan& plan);

  /// To kAuthenticating, kSetupOpening, kSubmitted, kVerifying, kUncertain or kNeedsHuman; the other states have
  /// functions of their own. `detail`: a JSON object without secrets, for people. internal for a step that may_follow()
  /// forbids.
  void advance(Enrollment& enrollment, State to, const nlohmann::json& detail);

  /// The captured key becomes a candidate (never replacing one) and the state kSecretDurable, in one transaction; then
  /// it is read back through another connection, opened, compared, a code computed, the escrow copy written and synced.
  /// Only then it returns. The same key captured again is the same candidate.
  DurableFactor keep_candidate(Enrollment& enrollment, const Capture& capture);

  /// To kSubmitArmed, before the first key of the code: the window is spent and the job marked "past return" in the
  /// same transaction. `factor` must be this enrollment's newest candidate, from keep_candidate.
  void arm(Enrollment& enrollment, DurableFactor& factor, const WindowReservation& reservation, TimePoint app_time);

  /// Recovery codes, kept and read back before it returns; a mark, no state. Gives how many.
  int keep_recovery_codes(Enrollment& enrollment, const std::vector<Secret>& codes);
  enum class CodesMark { kMissing, kNone };  // the app has some that we could not read; the app has none
  void mark_codes(Enrollment& enrollment, CodesMark mark);

  /// The app said so (positive evidence): to kAppConfirmed, and the candidate confirmed, in one transaction.
  void confirm(Enrollment& enrollment, const nlohmann::json& detail);

  /// A fresh login with a code of `factor`, read back from the vault, succeeded: from kVerifying, factor live, others
  /// superseded, enrollment active, in one transaction. `factor` must come from FactorBook::open and be one of the
  /// account's. What it proves settles the account's enrollments that wait for a person, too.
  void go_live(Enrollment& enrollment, const DurableFactor& factor, const nlohmann::json& detail);

  void fail_safe(Enrollment& enrollment, SafeProof proof, const nlohmann::json& detail);
  /// As cancel_rule() says; invalid_input for a state that cannot be cancelled, or not without a proof.
  void cancel(Enrollment& enrollment, std::optional<SafeProof> proof, const nlohmann::json& detail);

  /// The account's enrollments that wants_recovery(), oldest first, claimed by `lease`: from now on writes of an
  /// earlier lease fail.
  std::vector<Enrollment> open_enrollments(const AccountId& account, const Lease& lease);
  /// For people, and for a probe that a person asks for: any one, claimed likewise. not_found.
  Enrollment claim(const EnrollmentId& id, const Lease& lease);
  std::vector<store::EnrollmentRow> list(const AccountId& account) const;  // newest first
  std::vector<store::EnrollmentEventRow> events(const EnrollmentId& id) const;

 private:
  struct Step;
  /// Writes one transition, or stays in the state with a new mark, fenced. Tells whether the commit is beyond doubt.
  enum class Commit { kCertain, kDoubtful };
  Commit write(Enrollment& enrollment, Step step);
  /// Writes it once more where the first commit left a doubt: after a commit that is certain, what is readable stays.
  /// `also` must bear to be repeated. False while a doubt remains.
  bool write_for_certain(Enrollment& enrollment, const Step& step);
  void end_safely(Enrollment& enrollment, State to, SafeProof proof, const nlohmann::json& detail);
  Enrollment adopt(const EnrollmentId& id, const Lease& lease);
  /// What `by` proved about the app holds for the account's enrollments that wait for a person as well: they are failed
  /// safe, and their candidates set aside, in its transaction.
  void settle_waiting(store::WriteTransaction& transaction, const Enrollment& by, SafeProof proof) const;

  store::Store* store_;
  vault::Vault* vault_;
  const Clock* clock_;
};

}  // namespace totpilot::enrollment
