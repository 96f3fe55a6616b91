#include <nlohmann/json.hpp>

#include "agent/totp/code.h"
#include "agent/vault/escrow.h"
#include "tests/unit/enrollment/house.h"

namespace totpilot::enrollment {
namespace {

using namespace std::chrono_literals;
using store::FactorState;

totp::OtpAuth given(const std::string& key = kKey) {
  totp::OtpAuth otpauth;
  otpauth.key = Secret::copy_of(key);
  otpauth.issuer = "Practice";
  otpauth.account = "alice";
  return otpauth;
}

class BooksTest : public testing::Test {
 protected:
  store::FactorRow import(const std::string& key = kKey) {
    house_.clock.move(1ms);
    return house_.factors.import(account_.id, given(key), "import:uri").row;
  }

  Scratch scratch_;
  House house_{scratch_.path()};
  store::AccountRow account_ = house_.add_account();
};

using FactorBookTest = BooksTest;
using RecoveryBookTest = BooksTest;
using CodeMintTest = BooksTest;
using WrongCodeBudgetTest = BooksTest;

TEST_F(FactorBookTest, ImportsAKeyAsACandidateThatIsNotHandedOut) {
  const store::FactorRow row = import();
  EXPECT_EQ(row.state, FactorState::kCandidate);
  EXPECT_FALSE(house_.factors.current(account_.id));
  EXPECT_EQ(house_.vault->escrow().list().size(), 1U);
}

TEST_F(FactorBookTest, KnowsAKeyThatItAlreadyHas) {
  const store::FactorRow first = import();
  const auto again = house_.factors.import(account_.id, given(), "import:base32");
  EXPECT_TRUE(again.known);
  EXPECT_EQ(again.row.id, first.id);
  EXPECT_EQ(house_.factors.list(account_.id).size(), 1U);
}

TEST_F(FactorBookTest, TakesTheSameKeyForAnotherAccountToo) {
  import();
  const store::AccountRow other = house_.add_account("practice-bob");
  EXPECT_FALSE(house_.factors.import(other.id, given(), "import:uri").known);
}

TEST_F(FactorBookTest, RefusesAKeyForAnAccountThatIsNotThere) {
  EXPECT_EQ(outcome_of([&] { house_.factors.import(AccountId::from("acc_x"), given(), "import:uri"); }),
            Outcome::kNotFound);
}

TEST_F(FactorBookTest, HandsOutWhatAPersonConfirmed) {
  const store::FactorRow row = import();
  EXPECT_EQ(house_.factors.confirm(row.id).state, FactorState::kConfirmed);
  EXPECT_EQ(house_.factors.open_current(account_.id).id(), row.id);
}

TEST_F(FactorBookTest, HandsOutWhatAPersonConfirmedInsteadOfWhatWasLiveBefore) {
  const store::FactorRow live = import();
  house_.factors.confirm(live.id);
  house_.factors.mark_live(house_.factors.open_current(account_.id), Lease{});
  const store::FactorRow confirmed = house_.factors.confirm(import("other-key-of-20-byte").id);
  EXPECT_EQ(house_.factors.current(account_.id)->id, confirmed.id);
  EXPECT_EQ(house_.factors.get(live.id).state, FactorState::kSuperseded);
}

TEST_F(FactorBookTest, LeavesTheFactorOfAnOpenEnrollmentAloneWhenAPersonConfirmsAnother) {
  Enrollment enrollment = house_.journal.begin({account_.id, house_.add_job(account_.id), "", ""});
  house_.journal.advance(enrollment, State::kAuthenticating, {});
  house_.journal.advance(enrollment, State::kSetupOpening, {});
  const DurableFactor open = house_.journal.keep_candidate(enrollment, captured("other-key-of-20-byte"));
  house_.factors.confirm(open.id());
  house_.factors.confirm(import().id);
  EXPECT_EQ(house_.factors.get(open.id()).state, FactorState::kConfirmed);
}

TEST_F(FactorBookTest, SupersedesTheOthersWhenOneGoesLive) {
  const store::FactorRow old = import();
  house_.factors.mark_live(house_.factors.open(old), Lease{});
  const store::FactorRow confirmed = house_.factors.confirm(import("other-key-of-20-byte").id);
  EXPECT_EQ(house_.factors.mark_live(house_.factors.open(confirmed), Lease{}).state, FactorState::kLive);
  EXPECT_EQ(house_.factors.get(old.id).state, FactorState::kSuperseded);
  EXPECT_TRUE(house_.vault->escrow().list().empty());
}

TEST_F(FactorBookTest, DiscardsWithoutDeleting) {
  const store::FactorRow row = import();
  EXPECT_EQ(house_.factors.discard(row.id).state, FactorState::kDiscarded);
  EXPECT_EQ(house_.factors.list(account_.id).size(), 1U);
  EXPECT_TRUE(house_.factors.probe_order(account_.id).empty());
  EXPECT_EQ(outcome_of([&] { house_.factors.confirm(row.id); }), Outcome::kInvalidInput);
}

TEST_F(FactorBookTest, TakesADiscardedKeyThatIsImportedAgainForANewOne) {
  const store::FactorRow row = import();
  house_.factors.discard(row.id);
  EXPECT_NE(import().id, row.id);
}

TEST_F(FactorBookTest, DiscardsNeitherTheLiveFactorNorAnOpenCandidate) {
  const store::FactorRow live = import();
  house_.factors.mark_live(house_.factors.open(live), Lease{});
  EXPECT_EQ(outcome_of([&] { house_.factors.discard(live.id); }), Outcome::kInvalidInput);

  Enrollment enrollment = house_.journal.begin({account_.id, house_.add_job(account_.id), "", ""});
  house_.journal.advance(enrollment, State::kAuthenticating, {});
  house_.journal.advance(enrollment, State::kSetupOpening, {});
  const DurableFactor candidate = house_.journal.keep_candidate(enrollment, captured("other-key-of-20-byte"));
  EXPECT_EQ(outcome_of([&] { house_.factors.discard(candidate.id()); }), Outcome::kInvalidInput);
}

TEST_F(FactorBookTest, TriesNewCandidatesFirstAndSupersededFactorsLast) {
  const store::FactorRow oldest = import("oldest-key-20-bytes!");
  house_.factors.mark_live(house_.factors.open(oldest), Lease{});
  const store::FactorRow live = import("live-key-of-20-bytes");
  house_.factors.mark_live(house_.factors.open(live), Lease{});
  const store::FactorRow first = import("first-key-of-20-byte");
  const store::FactorRow second = house_.factors.confirm(import("other-key-of-20-byte").id);
  std::vector<FactorId> order;
  for (const auto& row : house_.factors.probe_order(account_.id)) order.push_back(row.id);
  EXPECT_EQ(order, (std::vector<FactorId>{second.id, first.id, live.id, oldest.id}));
}

TEST_F(FactorBookTest, RetiresWhatWasInUseWhenMfaIsTurnedOff) {
  const store::FactorRow row = import();
  house_.factors.mark_live(house_.factors.open(row), Lease{});
  house_.recovery.keep(account_.id, row.id, some_codes(), Lease{});
  EXPECT_EQ(house_.factors.retire(account_.id, Lease{})->id, row.id);
  EXPECT_FALSE(house_.factors.current(account_.id));
  EXPECT_EQ(house_.recovery.unused(account_.id), 0);
  EXPECT_EQ(house_.factors.get(row.id).state, FactorState::kSuperseded);
}

TEST_F(FactorBookTest, ExportsAUriThatGivesTheSameCodes) {
  totp::OtpAuth otpauth = given();
  otpauth.parameters = {.algorithm = totp::Algorithm::kSha256, .digits = 8, .period = 60s};
  otpauth.vendor = "image=https%3A%2F%2Fpractice.example%2Flogo.png";
  const auto imported = house_.factors.import(account_.id, otpauth, "import:uri");
  const Secret uri = house_.factors.export_uri(imported.row.id);
  const auto back = totp::parse_otpauth(uri.reveal());
  ASSERT_TRUE(back) << back.error();
  EXPECT_TRUE(back->key.same_as(otpauth.key));
  EXPECT_EQ(back->parameters, otpauth.parameters);
  EXPECT_EQ(back->issuer, "Practice");
  EXPECT_EQ(back->account, "alice");
  EXPECT_EQ(back->vendor, otpauth.vendor);
}

TEST_F(FactorBookTest, RefusesARowWhoseSecretIsAnothers) {
  store::FactorRow mine = import();
  const store::FactorRow other = import("other-key-of-20-byte");
  mine.sealed_secret = other.sealed_secret;
  EXPECT_EQ(outcome_of([&] { house_.factors.open(mine); }), Outcome::kStorageFailed);
}

TEST_F(FactorBookTest, SaysHowToGetAFactorWhereThereIsNone) {
  try {
    house_.factors.open_current(account_.id);
    FAIL() << "it opened one";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Outcome::kNotFound);
    EXPECT_TRUE(failure.hint().contains("totpilot enroll")) << failure.hint();
  }
}

TEST_F(RecoveryBookTest, GivesEachCodeOnceInTheAppsOrder) {
  const store::FactorRow row = import();
  house_.recovery.keep(account_.id, row.id, some_codes(), Lease{});
  for (const std::string expected : {"aaaa-1", "aaaa-2", "aaaa-3"}) {
    const auto taken = house_.recovery.take(account_.id, "job_a");
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->code.reveal(), expected);
  }
  EXPECT_FALSE(house_.recovery.take(account_.id, "job_a"));
  EXPECT_EQ(house_.recovery.list(account_.id).front().used_by, "job_a");
}

TEST_F(RecoveryBookTest, ReplacesTheOldSetByTheNewOneAndKeepsBoth) {
  const store::FactorRow row = import();
  house_.recovery.keep(account_.id, row.id, some_codes("aaaa"), Lease{});
  house_.clock.move(1s);
  house_.recovery.keep(account_.id, row.id, some_codes("bbbb", 2), Lease{});
  EXPECT_EQ(house_.recovery.unused(account_.id), 2);
  const auto all = house_.recovery.list(account_.id);
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(house_.recovery.reveal(all.front()).reveal(), "bbbb-1");
  EXPECT_EQ(all.back().state, store::RecoveryCodeState::kReplaced);
}

TEST_F(RecoveryBookTest, RefusesWhatIsNoSetOfCodes) {
  const store::FactorRow row = import();
  std::vector<Secret> doubles = some_codes();
  doubles.push_back(Secret::copy_of("aaaa-2"));
  std::vector<Secret> with_empty = some_codes();
  with_empty.emplace_back();
  EXPECT_EQ(outcome_of([&] { house_.recovery.keep(account_.id, row.id, {}, Lease{}); }), Outcome::kInvalidInput);
  EXPECT_EQ(outcome_of([&] { house_.recovery.keep(account_.id, row.id, doubles, Lease{}); }), Outcome::kInvalidInput);
  EXPECT_EQ(outcome_of([&] { house_.recovery.keep(account_.id, row.id, with_empty, Lease{}); }),
            Outcome::kInvalidInput);
  EXPECT_EQ(outcome_of([&] { house_.recovery.keep(account_.id, row.id, some_codes("x", 101), Lease{}); }),
            Outcome::kInvalidInput);
  EXPECT_EQ(house_.recovery.unused(account_.id), 0);
}

TEST_F(CodeMintTest, MakesACodeOfAFactorThatWasReadBack) {
  house_.factors.confirm(import().id);
  const DurableFactor factor = house_.factors.open_current(account_.id);
  const WindowReservation reservation = house_.reserve(account_.id, "job_a");
  const auto code = house_.mint.code(factor, reservation, account_, AppTime::of(house_.clock, account_));
  EXPECT_EQ(code.value().reveal(), totp::code_at(Secret::copy_of(kKey), {}, house_.clock.now()).reveal());
}

TEST_F(CodeMintTest, CountsWindowsByTheAppsClock) {
  account_.skew_ms = 45'000;
  account_.skew_measured = house_.clock.now();
  house_.factors.confirm(import().id);
  const AppTime time = AppTime::of(house_.clock, account_);
  const Reserved reserved = house_.windows.reserve({.account = account_.id, .app_time = time.now(), .by = "job_a"});
  const auto code =
      house_.mint.code(house_.factors.open_current(account_.id), std::get<WindowReservation>(reserved), account_, time);
  EXPECT_EQ(code.value().reveal(), totp::code_at(Secret::copy_of(kKey), {}, house_.clock.now() + 45s).reveal());
}

TEST_F(CodeMintTest, SpendsTheWindowBeforeTheCodeIsGivenOut) {
  house_.factors.confirm(import().id);
  const WindowReservation reservation = house_.reserve(account_.id, "job_a");
  house_.mint.code(house_.factors.open_current(account_.id), reservation, account_,
                   AppTime::of(house_.clock, account_));
  EXPECT_TRUE(std::holds_alternative<WaitUntil>(
      house_.windows.reserve({.account = account_.id, .app_time = house_.clock.now(), .by = "job_a"})));
}

TEST_F(CodeMintTest, RefusesAWindowThatIsOverOrOfAnotherPeriodOrAccount) {
  house_.factors.confirm(import().id);
  const DurableFactor factor = house_.factors.open_current(account_.id);
  const AppTime time = AppTime::of(house_.clock, account_);
  const store::AccountRow other = house_.add_account("practice-bob");
  const WindowReservation theirs = house_.reserve(other.id, "job_b");
  EXPECT_EQ(outcome_of([&] { house_.mint.code(factor, theirs, account_, time); }), Outcome::kInternal);
  EXPECT_EQ(outcome_of([&] { house_.mint.code(factor, theirs, other, time); }), Outcome::kInternal);
  const Reserved minute =
      house_.windows.reserve({.account = account_.id, .period = 60s, .app_time = house_.clock.now(), .by = "job_a"});
  EXPECT_EQ(outcome_of([&] { house_.mint.code(factor, std::get<WindowReservation>(minute), account_, time); }),
            Outcome::kInternal);
  const WindowReservation late = house_.reserve(account_.id, "job_a");
  house_.clock.move(30s);
  EXPECT_EQ(outcome_of([&] { house_.mint.code(factor, late, account_, time); }), Outcome::kTimedOut);
}

TEST_F(CodeMintTest, GivesARecoveryCodeThatIsMarkedUsedFirst) {
  const store::FactorRow row = import();
  house_.recovery.keep(account_.id, row.id, some_codes("aaaa", 1), Lease{});
  const auto code = house_.mint.recovery_code(house_.recovery, account_, "job_a");
  EXPECT_EQ(code.kind(), browser::SecretKind::kRecoveryCode);
  EXPECT_EQ(code.value().reveal(), "aaaa-1");
  EXPECT_EQ(house_.recovery.unused(account_.id), 0);
  EXPECT_EQ(outcome_of([&] { house_.mint.recovery_code(house_.recovery, account_, "job_a"); }), Outcome::kNotFound);
}

TEST_F(WrongCodeBudgetTest, StopsAfterThreeRefusalsAndSaysUntilWhen) {
  for (int left = 3; left > 0; --left) {
    EXPECT_EQ(house_.budget.left(account_.id), left);
    house_.budget.require(account_.id);
    house_.budget.record(account_.id, "job_a");
    house_.clock.move(1min);
  }
  try {
    house_.budget.require(account_.id);
    FAIL() << "it let a fourth through";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Outcome::kLockedOut);
    EXPECT_TRUE(failure.message().contains(to_iso(house_.clock.now() + 12min + 1ms))) << failure.message();
  }
}

TEST_F(WrongCodeBudgetTest, HasRoomAgainWhenTheFirstRefusalIsOldEnough) {
  for (int i = 0; i < 3; ++i) house_.budget.record(account_.id, "job_a");
  house_.clock.move(15min);
  EXPECT_EQ(outcome_of([&] { house_.budget.require(account_.id); }), Outcome::kLockedOut);
  house_.clock.move(1ms);
  EXPECT_EQ(outcome_of([&] { house_.budget.require(account_.id); }), Outcome::kOk);
}

TEST_F(WrongCodeBudgetTest, StartsAgainAfterACodeWasTaken) {
  for (int i = 0; i < 3; ++i) house_.budget.record(account_.id, "job_a");
  house_.budget.clear(account_.id);
  EXPECT_EQ(house_.budget.left(account_.id), 3);
}

TEST_F(WrongCodeBudgetTest, HoldsAcrossProcesses) {
  for (int i = 0; i < 3; ++i) house_.budget.record(account_.id, "job_a");
  House again(scratch_.path());
  EXPECT_EQ(again.budget.left(account_.id), 0);
}

}  // namespace
}  // namespace totpilot::enrollment
