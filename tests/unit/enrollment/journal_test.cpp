#include "agent/enrollment/journal.h"

#include <nlohmann/json.hpp>

#include "agent/totp/base32.h"
#include "agent/totp/code.h"
#include "agent/vault/escrow.h"
#include "tests/unit/enrollment/house.h"

namespace totpilot::enrollment {
namespace {

using nlohmann::json;
using store::FactorState;
using enum State;

class JournalTest : public testing::Test {
 protected:
  Enrollment begin() { return house_.journal.begin({account_.id, lease_, "hash", "playbook: 1"}); }
  Enrollment opened() {
    Enrollment enrollment = begin();
    house_.journal.advance(enrollment, kAuthenticating, json::object());
    house_.journal.advance(enrollment, kSetupOpening, json::object());
    return enrollment;
  }
  /// Up to `state`, with the ordinary key.
  Enrollment brought_to(State state) {
    Enrollment enrollment = opened();
    if (state == kSetupOpening) return enrollment;
    DurableFactor factor = house_.journal.keep_candidate(enrollment, captured());
    if (state == kSecretDurable) return enrollment;
    arm(enrollment, factor);
    if (state == kSubmitArmed) return enrollment;
    house_.journal.advance(enrollment, kSubmitted, json::object());
    if (state == kSubmitted) return enrollment;
    house_.journal.confirm(enrollment, json::object());
    if (state == kAppConfirmed) return enrollment;
    house_.journal.advance(enrollment, kVerifying, json::object());
    if (state == kVerifying) return enrollment;
    house_.journal.go_live(enrollment, house_.factors.open_current(account_.id), json::object());
    return enrollment;
  }
  void arm(Enrollment& enrollment, DurableFactor& factor) {
    const WindowReservation reservation = house_.reserve(account_.id, lease_.job.str());
    house_.journal.arm(enrollment, factor, reservation, house_.clock.now());
  }
  std::string code_of(const DurableFactor& factor) {
    const WindowReservation reservation = house_.reserve(account_.id, lease_.job.str());
    const auto bound = house_.mint.code(factor, reservation, account_, AppTime::of(house_.clock, account_));
    return std::string(bound.value().reveal());
  }
  FactorState factor_state(const FactorId& id) { return house_.factors.get(id).state; }

  Scratch scratch_;
  House house_{scratch_.path()};
  store::AccountRow account_ = house_.add_account();
  Lease lease_ = house_.add_job(account_.id);
};

TEST_F(JournalTest, WritesEachStateAsAnEventOfItsOwn) {
  const Enrollment enrollment = brought_to(kActive);
  std::vector<std::string> states;
  std::int64_t seq = 0;
  for (const auto& event : house_.journal.events(enrollment.id())) {
    EXPECT_EQ(event.seq, seq++);
    EXPECT_TRUE(json::accept(event.detail)) << event.detail;
    states.push_back(event.to_state);
  }
  EXPECT_EQ(states, (std::vector<std::string>{"planned", "authenticating", "setup_opening", "secret_durable",
                                              "submit_armed", "submitted", "app_confirmed", "verifying", "active"}));
}

TEST_F(JournalTest, BeginsNoSecondEnrollmentBesideOneThatIsNotSettled) {
  const Enrollment first = begin();
  EXPECT_EQ(outcome_of([&] { begin(); }), Outcome::kBusy);
}

TEST_F(JournalTest, BeginsAnotherAfterAPersonWasCalled) {
  Enrollment first = brought_to(kSetupOpening);
  house_.journal.advance(first, kNeedsHuman, json::object());
  EXPECT_EQ(outcome_of([&] { begin(); }), Outcome::kOk);
}

TEST_F(JournalTest, RefusesStepsThatTheTableForbids) {
  Enrollment enrollment = begin();
  for (const State to : {kPlanned, kSetupOpening, kSubmitted, kVerifying, kUncertain, kNeedsHuman}) {
    EXPECT_EQ(outcome_of([&] { house_.journal.advance(enrollment, to, json::object()); }), Outcome::kInternal)
        << state_name(to);
  }
  EXPECT_EQ(house_.journal.events(enrollment.id()).size(), 1U);
}

TEST_F(JournalTest, LeavesStatesThatCarryASecretToTheirOwnFunctions) {
  Enrollment enrollment = brought_to(kSecretDurable);
  for (const State to : {kSecretDurable, kSubmitArmed, kAppConfirmed, kActive, kFailedSafe, kCancelled}) {
    EXPECT_EQ(outcome_of([&] { house_.journal.advance(enrollment, to, json::object()); }), Outcome::kInternal)
        << state_name(to);
  }
}

TEST_F(JournalTest, KeepsTheCandidateSealedReadBackAndInTheEscrowFile) {
  Enrollment enrollment = opened();
  const DurableFactor factor = house_.journal.keep_candidate(enrollment, captured());

  EXPECT_EQ(enrollment.state(), kSecretDurable);
  EXPECT_EQ(enrollment.row().candidate, factor.id());
  const store::FactorRow row = house_.factors.get(factor.id());
  EXPECT_EQ(row.state, FactorState::kCandidate);
  EXPECT_EQ(row.enrollment, enrollment.id());
  EXPECT_EQ(row.source, "text+qr");
  EXPECT_FALSE(row.sealed_secret.contains(kKey));
  const auto escrowed = house_.vault->escrow().list();
  ASSERT_EQ(escrowed.size(), 1U);
  EXPECT_EQ(escrowed.front().factor.id, factor.id());
  EXPECT_EQ(escrowed.front().account_name, account_.name);
}

TEST_F(JournalTest, NeverReplacesACandidate) {
  Enrollment enrollment = opened();
  const DurableFactor first = house_.journal.keep_candidate(enrollment, captured("first-key-of-20-byte"));
  const DurableFactor second = house_.journal.keep_candidate(enrollment, captured("other-key-of-20-byte"));
  EXPECT_NE(first.id(), second.id());
  EXPECT_EQ(enrollment.row().candidate, second.id());
  EXPECT_EQ(house_.factors.list(account_.id).size(), 2U);
  EXPECT_EQ(house_.vault->escrow().list().size(), 2U);
}

TEST_F(JournalTest, TakesTheSameKeyCapturedAgainForTheSameCandidate) {
  Enrollment enrollment = opened();
  const DurableFactor first = house_.journal.keep_candidate(enrollment, captured());
  const DurableFactor again = house_.journal.keep_candidate(enrollment, captured());
  EXPECT_EQ(first.id(), again.id());
  EXPECT_EQ(house_.factors.list(account_.id).size(), 1U);
}

TEST_F(JournalTest, TakesTheSameKeyWithOtherParametersForAnother) {
  Enrollment enrollment = opened();
  const DurableFactor first = house_.journal.keep_candidate(enrollment, captured());
  Capture eight = captured();
  eight.parameters.digits = 8;
  EXPECT_NE(house_.journal.keep_candidate(enrollment, eight).id(), first.id());
}

TEST_F(JournalTest, RefusesAKeyThatNoCodeCanBeMadeWith) {
  Enrollment enrollment = opened();
  Capture capture = captured();
  capture.parameters.digits = 9;
  EXPECT_EQ(outcome_of([&] { house_.journal.keep_candidate(enrollment, capture); }), Outcome::kInvalidInput);
  EXPECT_EQ(outcome_of([&] { house_.journal.keep_candidate(enrollment, captured("")); }), Outcome::kInvalidInput);
  EXPECT_TRUE(house_.factors.list(account_.id).empty());
}

TEST_F(JournalTest, ArmsWithTheWindowSpentAndTheJobPastReturnInOneTransaction) {
  Enrollment enrollment = opened();
  DurableFactor factor = house_.journal.keep_candidate(enrollment, captured());
  const WindowReservation reservation = house_.reserve(account_.id, lease_.job.str());
  house_.journal.arm(enrollment, factor, reservation, house_.clock.now());

  EXPECT_EQ(enrollment.row().armed_window, to_millis(reservation.window().start));
  EXPECT_EQ(enrollment.row().submits, 1);
  EXPECT_TRUE(house_.job(lease_).past_return);
  const Shown shown = house_.windows.mark_shown(account_.id, reservation.window().period, house_.clock.now(), "cli:1");
  EXPECT_EQ(shown.use, store::WindowUse::kSpent);
}

TEST_F(JournalTest, ChangesNothingWhenArmingIsRefused) {
  Enrollment enrollment = opened();
  DurableFactor factor = house_.journal.keep_candidate(enrollment, captured());
  const WindowReservation reservation = house_.reserve(account_.id, lease_.job.str());
  house_.clock.move(std::chrono::seconds(30));
  EXPECT_EQ(outcome_of([&] { house_.journal.arm(enrollment, factor, reservation, house_.clock.now()); }),
            Outcome::kTimedOut);
  EXPECT_EQ(enrollment.state(), kSecretDurable);
  EXPECT_FALSE(house_.job(lease_).past_return);
  EXPECT_EQ(house_.journal.list(account_.id).front().state, "secret_durable");
}

TEST_F(JournalTest, ArmsOnlyWithItsNewestCandidate) {
  Enrollment enrollment = opened();
  DurableFactor old = house_.journal.keep_candidate(enrollment, captured("first-key-of-20-byte"));
  const DurableFactor newest = house_.journal.keep_candidate(enrollment, captured("other-key-of-20-byte"));
  EXPECT_EQ(outcome_of([&] { arm(enrollment, old); }), Outcome::kInternal);
  DurableFactor opened_again = house_.factors.open(house_.factors.get(newest.id()));
  EXPECT_EQ(outcome_of([&] { arm(enrollment, opened_again); }), Outcome::kInternal);
}

TEST_F(JournalTest, LetsNoCodeBeMadeBeforeItIsArmed) {
  Enrollment enrollment = opened();
  DurableFactor factor = house_.journal.keep_candidate(enrollment, captured());
  EXPECT_EQ(outcome_of([&] { code_of(factor); }), Outcome::kInternal);
}

TEST_F(JournalTest, MakesTheCodeOfTheArmedWindow) {
  Enrollment enrollment = opened();
  DurableFactor factor = house_.journal.keep_candidate(enrollment, captured());
  const WindowReservation reservation = house_.reserve(account_.id, lease_.job.str());
  house_.journal.arm(enrollment, factor, reservation, house_.clock.now());
  const auto code = house_.mint.code(factor, reservation, account_, AppTime::of(house_.clock, account_));
  EXPECT_EQ(code.value().reveal(), totp::code_at(Secret::copy_of(kKey), {}, house_.clock.now()).reveal());
  EXPECT_EQ(code.kind(), browser::SecretKind::kCode);
  ASSERT_EQ(code.pins().size(), 1U);
  EXPECT_EQ(code.pins().front().text(), "https://app.example");
}

TEST_F(JournalTest, ConfirmsTheCandidateWithTheApp) {
  Enrollment enrollment = brought_to(kAppConfirmed);
  EXPECT_EQ(factor_state(enrollment.row().candidate), FactorState::kConfirmed);
  EXPECT_EQ(house_.factors.current(account_.id)->id, enrollment.row().candidate);
}

TEST_F(JournalTest, SwitchesTheLiveFactorInOneStep) {
  const FactorId first = brought_to(kActive).row().candidate;
  EXPECT_EQ(factor_state(first), FactorState::kLive);
  EXPECT_TRUE(house_.vault->escrow().list().empty());

  Enrollment second = opened();
  DurableFactor factor = house_.journal.keep_candidate(second, captured("other-key-of-20-byte"));
  arm(second, factor);
  house_.journal.confirm(second, json::object());
  EXPECT_EQ(factor_state(first), FactorState::kLive);
  EXPECT_EQ(house_.factors.current(account_.id)->id, factor.id())
      << "what the app has just taken is handed out, not what it replaced";
  house_.journal.advance(second, kVerifying, json::object());
  house_.journal.go_live(second, house_.factors.open_current(account_.id), json::object());

  EXPECT_EQ(factor_state(first), FactorState::kSuperseded);
  EXPECT_EQ(factor_state(factor.id()), FactorState::kLive);
  EXPECT_EQ(second.state(), kActive);
}

TEST_F(JournalTest, GoesLiveOnlyWithAFactorThatTheVaultGaveBack) {
  Enrollment enrollment = opened();
  DurableFactor captured_one = house_.journal.keep_candidate(enrollment, captured());
  arm(enrollment, captured_one);
  house_.journal.confirm(enrollment, json::object());
  house_.journal.advance(enrollment, kVerifying, json::object());
  EXPECT_EQ(outcome_of([&] { house_.journal.go_live(enrollment, captured_one, json::object()); }), Outcome::kInternal);
}

TEST_F(JournalTest, CapturesAgainAfterARefusalBeforeItArmsAgain) {
  Enrollment enrollment = brought_to(kSubmitted);
  DurableFactor again = house_.journal.keep_candidate(enrollment, captured("other-key-of-20-byte"));
  arm(enrollment, again);
  EXPECT_EQ(enrollment.row().submits, 2);
}

TEST_F(JournalTest, KeepsRecoveryCodesBeforeAndAfterTheCapture) {
  Enrollment enrollment = opened();
  EXPECT_EQ(house_.journal.keep_recovery_codes(enrollment, some_codes()), 3);
  EXPECT_EQ(enrollment.state(), kSetupOpening);
  EXPECT_EQ(enrollment.row().codes_mark, "durable");
  DurableFactor factor = house_.journal.keep_candidate(enrollment, captured());
  arm(enrollment, factor);
  house_.journal.confirm(enrollment, json::object());
  EXPECT_EQ(house_.recovery.unused(account_.id), 3);
}

TEST_F(JournalTest, ReplacesTheFirstSetOfAnEnrollmentByItsSecond) {
  Enrollment enrollment = brought_to(kAppConfirmed);
  house_.journal.keep_recovery_codes(enrollment, some_codes("aaaa"));
  house_.clock.move(std::chrono::seconds(1));
  house_.journal.keep_recovery_codes(enrollment, some_codes("bbbb", 5));
  EXPECT_EQ(house_.recovery.unused(account_.id), 5);
  EXPECT_EQ(house_.recovery.list(account_.id).size(), 8U);
}

TEST_F(JournalTest, LeavesTheOldFactorsRecoveryCodesUntilTheAppHasConfirmedTheNewOne) {
  Enrollment first = brought_to(kAppConfirmed);
  house_.journal.keep_recovery_codes(first, some_codes("aaaa"));
  house_.journal.advance(first, kVerifying, json::object());
  house_.journal.go_live(first, house_.factors.open_current(account_.id), json::object());
  house_.clock.move(std::chrono::minutes(1));

  Enrollment second = opened();
  house_.journal.keep_recovery_codes(second, some_codes("bbbb"));
  EXPECT_EQ(house_.recovery.unused(account_.id), 6);
  DurableFactor factor = house_.journal.keep_candidate(second, captured("other-key-of-20-byte"));
  arm(second, factor);
  house_.journal.confirm(second, json::object());
  EXPECT_EQ(house_.recovery.unused(account_.id), 3);
}

TEST_F(JournalTest, RemembersThatRecoveryCodesAreMissing) {
  Enrollment enrollment = brought_to(kAppConfirmed);
  house_.journal.mark_codes(enrollment, Journal::CodesMark::kMissing);
  EXPECT_EQ(house_.journal.list(account_.id).front().codes_mark, "missing");
  EXPECT_EQ(enrollment.state(), kAppConfirmed);
}

TEST_F(JournalTest, FailsSafeOnlyWithAProofThatFitsTheState) {
  Enrollment enrollment = brought_to(kSetupOpening);
  EXPECT_EQ(outcome_of([&] { house_.journal.fail_safe(enrollment, SafeProof::kNothingOpened, json::object()); }),
            Outcome::kInternal);
  house_.journal.fail_safe(enrollment, SafeProof::kMfaOff, {{"page", "off"}});
  EXPECT_EQ(enrollment.state(), kFailedSafe);
  EXPECT_EQ(json::parse(house_.journal.events(enrollment.id()).back().detail)["proof"], "mfa_off");
}

TEST_F(JournalTest, SetsTheCandidatesOfAFailedEnrollmentAsideAndKeepsThem) {
  Enrollment enrollment = brought_to(kAppConfirmed);
  house_.journal.keep_recovery_codes(enrollment, some_codes());
  house_.journal.advance(enrollment, kUncertain, json::object());
  house_.journal.fail_safe(enrollment, SafeProof::kMfaOff, json::object());
  EXPECT_EQ(factor_state(enrollment.row().candidate), FactorState::kSuperseded);
  EXPECT_FALSE(house_.factors.current(account_.id));
  EXPECT_EQ(house_.factors.probe_order(account_.id).size(), 1U);
  EXPECT_EQ(house_.recovery.unused(account_.id), 0);
}

TEST_F(JournalTest, CancelsFreelyBeforeTheSetupPageIsOpened) {
  Enrollment enrollment = begin();
  house_.journal.cancel(enrollment, std::nullopt, json::object());
  EXPECT_EQ(enrollment.state(), kCancelled);
}

TEST_F(JournalTest, CancelsLaterOnlyWithAProofAndNeverOnceArmed) {
  {
    Enrollment enrollment = brought_to(kSecretDurable);
    EXPECT_EQ(outcome_of([&] { house_.journal.cancel(enrollment, std::nullopt, json::object()); }),
              Outcome::kInvalidInput);
    house_.journal.cancel(enrollment, SafeProof::kMfaOff, json::object());
    EXPECT_EQ(enrollment.state(), kCancelled);
  }
  Enrollment armed = brought_to(kSubmitArmed);
  EXPECT_EQ(outcome_of([&] { house_.journal.cancel(armed, SafeProof::kMfaOff, json::object()); }),
            Outcome::kInvalidInput);
}

TEST_F(JournalTest, StopsAWriterWhoseEnrollmentAnotherHasClaimed) {
  Enrollment stale = brought_to(kSecretDurable);
  house_.end_job(lease_);
  const Lease successor = house_.add_job(account_.id, "recover");
  auto claimed = house_.journal.open_enrollments(account_.id, successor);
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed.front().id(), stale.id());

  EXPECT_EQ(outcome_of([&] { house_.journal.advance(stale, kUncertain, json::object()); }), Outcome::kBusy);
  EXPECT_EQ(outcome_of([&] { house_.journal.keep_candidate(stale, captured("late-key-of-20-bytes")); }),
            Outcome::kBusy);
  EXPECT_EQ(outcome_of([&] { house_.journal.keep_recovery_codes(stale, some_codes()); }), Outcome::kBusy);
  EXPECT_EQ(house_.recovery.unused(account_.id), 0);
  EXPECT_EQ(outcome_of([&] { house_.journal.advance(claimed.front(), kUncertain, json::object()); }), Outcome::kOk);
}

TEST_F(JournalTest, KeepsAKeyThatComesTooLateInTheEscrowFile) {
  Enrollment stale = opened();
  house_.end_job(lease_);
  house_.journal.open_enrollments(account_.id, house_.add_job(account_.id, "recover"));
  EXPECT_EQ(outcome_of([&] { house_.journal.keep_candidate(stale, captured()); }), Outcome::kBusy);
  EXPECT_TRUE(house_.factors.list(account_.id).empty());
  EXPECT_EQ(house_.vault->escrow().list().size(), 1U);
}

TEST_F(JournalTest, StopsAWriterWhoseJobWasClaimedAnew) {
  Enrollment stale = brought_to(kSecretDurable);
  house_.clock.move(std::chrono::seconds(61));
  const auto again = house_.store->write([&](store::WriteTransaction& transaction) {
    return store::claim_job(transaction, lease_.job, WorkerId::make(house_.clock.now()), house_.clock.now(),
                            house_.clock.now() + std::chrono::seconds(60));
  });
  ASSERT_TRUE(again);
  EXPECT_EQ(outcome_of([&] { house_.journal.advance(stale, kUncertain, json::object()); }), Outcome::kBusy);
}

TEST_F(JournalTest, WritesNothingWhenTwoHoldTheSameEnrollment) {
  Enrollment one = brought_to(kSetupOpening);
  Enrollment other = house_.journal.claim(one.id(), lease_);
  EXPECT_EQ(outcome_of([&] { house_.journal.advance(one, kUncertain, json::object()); }), Outcome::kBusy);
  house_.journal.advance(other, kUncertain, json::object());
  EXPECT_EQ(house_.journal.list(account_.id).front().state, "uncertain");
}

TEST_F(JournalTest, LeavesWhatAPersonMustDecideOutOfRecovery) {
  Enrollment enrollment = brought_to(kSetupOpening);
  house_.journal.advance(enrollment, kNeedsHuman, json::object());
  EXPECT_TRUE(house_.journal.open_enrollments(account_.id, lease_).empty());
  Enrollment asked_for = house_.journal.claim(enrollment.id(), lease_);
  EXPECT_EQ(outcome_of([&] { house_.journal.advance(asked_for, kVerifying, json::object()); }), Outcome::kOk);
}

TEST_F(JournalTest, FindsOpenEnrollmentsInANewProcess) {
  const EnrollmentId id = brought_to(kSubmitArmed).id();
  House again(scratch_.path());
  again.clock.move_to(house_.clock.now());
  house_.end_job(lease_);
  const auto open = again.journal.open_enrollments(account_.id, again.add_job(account_.id, "recover"));
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open.front().id(), id);
  EXPECT_EQ(open.front().state(), kSubmitArmed);
  EXPECT_TRUE(again.factors.open(again.factors.probe_order(account_.id).front()).id() == open.front().row().candidate);
}

TEST_F(JournalTest, RefusesADetailThatIsNoObject) {
  Enrollment enrollment = begin();
  EXPECT_EQ(outcome_of([&] { house_.journal.advance(enrollment, kAuthenticating, json::array({1})); }),
            Outcome::kInternal);
}

}  // namespace
}  // namespace totpilot::enrollment
