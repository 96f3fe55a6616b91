// What a run that has lost its job may not write any more, and what a proof settles of earlier enrollments.
#include <nlohmann/json.hpp>

#include "tests/unit/enrollment/house.h"

namespace totpilot::enrollment {
namespace {

using namespace std::chrono_literals;
using enum State;
using store::FactorState;

class FenceTest : public testing::Test {
 protected:
  store::FactorRow import(const std::string& key = kKey) {
    totp::OtpAuth given;
    given.key = Secret::copy_of(key);
    return house_.factors.import(account_.id, given, "import:uri").row;
  }
  /// Another worker takes the job over when its lease has run out.
  void overtake(const Lease& lease) {
    house_.clock.move(2min);
    const auto claimed = house_.store->write([&](store::WriteTransaction& transaction) {
      return store::claim_job(transaction, lease.job, WorkerId::make(house_.clock.now()), house_.clock.now(),
                              house_.clock.now() + 1min);
    });
    ASSERT_TRUE(claimed);
  }
  Enrollment with_candidate(const Lease& lease, const std::string& key) {
    Enrollment enrollment = house_.journal.begin({account_.id, lease, "", ""});
    house_.journal.advance(enrollment, kAuthenticating, {});
    house_.journal.advance(enrollment, kSetupOpening, {});
    (void)house_.journal.keep_candidate(enrollment, captured(key));
    return enrollment;
  }
  /// An earlier enrollment that the probe could not tell about; gives its candidate.
  FactorId left_to_a_person(const Lease& lease) {
    Enrollment enrollment = with_candidate(lease, "first-key-of-20-byte");
    house_.journal.advance(enrollment, kNeedsHuman, {});
    house_.clock.move(1s);
    return enrollment.row().candidate;
  }
  store::EnrollmentRow oldest() { return house_.journal.list(account_.id).back(); }

  Scratch scratch_;
  House house_{scratch_.path()};
  store::AccountRow account_ = house_.add_account();
};

TEST_F(FenceTest, ARunThatLostItsJobMakesNoFactorLive) {
  const store::FactorRow row = import();
  const Lease lease = house_.add_job(account_.id);
  overtake(lease);
  EXPECT_EQ(outcome_of([&] { house_.factors.mark_live(house_.factors.open(row), lease); }), Outcome::kBusy);
  EXPECT_EQ(house_.factors.get(row.id).state, FactorState::kCandidate);
}

TEST_F(FenceTest, ARunThatLostItsJobRetiresNothing) {
  const store::FactorRow row = import();
  const Lease lease = house_.add_job(account_.id);
  house_.factors.mark_live(house_.factors.open(row), lease);
  house_.recovery.keep(account_.id, row.id, some_codes(), lease);
  overtake(lease);
  EXPECT_EQ(outcome_of([&] { house_.factors.retire(account_.id, lease); }), Outcome::kBusy);
  EXPECT_EQ(house_.factors.get(row.id).state, FactorState::kLive);
  EXPECT_EQ(house_.recovery.unused(account_.id), 3);
}

TEST_F(FenceTest, ARunThatLostItsJobReplacesNoRecoveryCodes) {
  const store::FactorRow row = import();
  const Lease lease = house_.add_job(account_.id);
  house_.recovery.keep(account_.id, row.id, some_codes("aaaa"), lease);
  overtake(lease);
  EXPECT_EQ(outcome_of([&] { house_.recovery.keep(account_.id, row.id, some_codes("bbbb"), lease); }), Outcome::kBusy);
  EXPECT_EQ(house_.recovery.list(account_.id).size(), 3U);
}

TEST_F(FenceTest, ALaterEnrollmentThatGoesLiveSettlesOneThatWaitsForAPerson) {
  const Lease lease = house_.add_job(account_.id);
  const FactorId left = left_to_a_person(lease);
  Enrollment later = with_candidate(lease, "later-key-of-20-byte");
  house_.journal.advance(later, kUncertain, {});
  house_.journal.advance(later, kVerifying, {});

  house_.journal.go_live(later, house_.factors.open(house_.factors.get(later.row().candidate)), {});

  EXPECT_EQ(oldest().state, "failed_safe");
  const auto evidence = nlohmann::json::parse(oldest().evidence);
  EXPECT_EQ(evidence["proof"], "other_factor_works");
  EXPECT_EQ(evidence["proven_by"], later.id().str());
  EXPECT_EQ(house_.journal.events(oldest().id).back().to_state, "failed_safe");
  EXPECT_EQ(house_.factors.get(left).state, FactorState::kSuperseded);
  EXPECT_EQ(house_.factors.discard(left).state, FactorState::kDiscarded);
}

TEST_F(FenceTest, AProofThatMfaIsOffSettlesOneThatWaitsForAPerson) {
  const Lease lease = house_.add_job(account_.id);
  const FactorId left = left_to_a_person(lease);
  Enrollment later = with_candidate(lease, "later-key-of-20-byte");
  house_.journal.fail_safe(later, SafeProof::kMfaOff, {});
  EXPECT_EQ(oldest().state, "failed_safe");
  EXPECT_EQ(house_.factors.get(left).state, FactorState::kSuperseded);
}

TEST_F(FenceTest, AnEnrollmentThatOpenedNothingProvesNothingAboutAnEarlierOne) {
  const Lease lease = house_.add_job(account_.id);
  const FactorId left = left_to_a_person(lease);
  Enrollment later = house_.journal.begin({account_.id, lease, "", ""});
  house_.journal.fail_safe(later, SafeProof::kNothingOpened, {});
  EXPECT_EQ(oldest().state, "needs_human");
  EXPECT_EQ(house_.factors.get(left).state, FactorState::kCandidate);
}

}  // namespace
}  // namespace totpilot::enrollment
