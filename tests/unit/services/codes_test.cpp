#include "agent/services/codes.h"

#include "agent/enrollment/recovery_book.h"
#include "agent/enrollment/window_ledger.h"
#include "agent/services/factors.h"
#include "agent/store/accounts.h"
#include "agent/store/jobs.h"
#include "agent/totp/base32.h"
#include "agent/totp/code.h"
#include "tests/unit/services/home.h"

namespace totpilot::services {
namespace {

class Codes : public Home {
 protected:
  Codes() {
    id_ = add().id;
    ImportFactor request;
    request.account = "alice-app";
    request.material = Secret(std::string(kKey));
    request.confirmed = true;
    factor_ = run(import_factor(house(), std::move(request))).factor.id;
  }

  CodeView code(Freshness freshness) {
    return run(get_code(house(), {"alice-app", freshness}, Deadline::after(std::chrono::seconds(5)), listener_));
  }
  void keep_recovery_codes() {
    std::vector<Secret> codes;
    codes.emplace_back(std::string("aaaa-1111"));
    codes.emplace_back(std::string("bbbb-2222"));
    enrollment::RecoveryBook(house().store(), house().vault(), house().clock())
        .keep(id_, factor_, codes, enrollment::Lease{});
  }

  void spend_by_a_job() {
    enrollment::WindowLedger ledger(house().store(), house().clock());
    enrollment::ReserveRequest request{
        .account = id_, .app_time = house().clock().now(), .by = JobId::make(house().clock().now()).str()};
    auto reserved = ledger.reserve(request);
    if (const auto* wait = std::get_if<enrollment::WaitUntil>(&reserved)) {
      run_to_end(context_, house().clock().wait_until(wait->app_time, Deadline::after(std::chrono::seconds(5))));
      request.app_time = house().clock().now();
      reserved = ledger.reserve(request);
    }
    ledger.mark_spent(std::get<enrollment::WindowReservation>(reserved), request.app_time);
  }

  AccountId id_;
  FactorId factor_;
  WaitRecorder listener_;
};

TEST_F(Codes, TheCodeOfTheMomentIsTheOneThatAnAuthenticatorShows) {
  const CodeView shown = code(Freshness::kNow);
  const auto key = totp::base32_decode(kKey);
  // Either of two: the window may have ended in between.
  const Secret now = totp::code_at(*key, {}, house().clock().now());
  const Secret before = totp::code_at(*key, {}, house().clock().now() - std::chrono::seconds(30));
  EXPECT_TRUE(shown.code.same_as(now) || shown.code.same_as(before));
  EXPECT_FALSE(shown.proven);
  EXPECT_TRUE(listener_.waits.empty());
}

TEST_F(Codes, TwoFreshCodesAreOfDifferentWindowsAndTheWaitIsTold) {
  const CodeView first = code(Freshness::kFresh);
  listener_.waits.clear();
  const CodeView second = code(Freshness::kFresh);
  EXPECT_FALSE(first.code.same_as(second.code));
  ASSERT_EQ(listener_.waits.size(), 1U);
  EXPECT_FALSE(listener_.waits.front().reason.empty());
}

TEST_F(Codes, ACodeThatWasHandedOutIsNotSaidToBeSent) {
  code(Freshness::kFresh);
  const CodeView shown = code(Freshness::kNow);
  EXPECT_EQ(shown.standing, CodeView::Standing::kHandedOut);
  EXPECT_EQ(to_json(shown)["standing"], "handed_out");
}

TEST_F(Codes, ACodeWhoseWindowIsSpentByAJobIsShownWithTheTimeOfTheNextOne) {
  spend_by_a_job();
  const CodeView shown = code(Freshness::kNow);
  EXPECT_EQ(shown.standing, CodeView::Standing::kSent);
  ASSERT_TRUE(shown.next_free.has_value());
  EXPECT_GT(*shown.next_free, house().clock().now() - std::chrono::seconds(1));
}

TEST_F(Codes, AnAccountWithoutFactorIsToldHowToGetOne) {
  add("bob-app");
  const Failure failure =
      failure_of(get_code(house(), {"bob-app", Freshness::kNow}, Deadline::after(std::chrono::seconds(5)), listener_));
  EXPECT_EQ(failure.code(), Outcome::kNotFound);
  EXPECT_NE(failure.hint().find("totpilot factor import bob-app"), std::string::npos);
  EXPECT_EQ(failure.hint().find("enroll"), std::string::npos) << "a self-managed account has no playbook to enroll by";
}

TEST_F(Codes, AnAccountWhoseFactorIsNotConfirmedIsToldHowToConfirmIt) {
  add("bob-app");
  ImportFactor request;
  request.account = "bob-app";
  request.material = Secret(std::string(kKey));
  run(import_factor(house(), std::move(request)));
  const Failure failure =
      failure_of(get_code(house(), {"bob-app", Freshness::kNow}, Deadline::after(std::chrono::seconds(5)), listener_));
  EXPECT_EQ(failure.code(), Outcome::kNotFound);
  EXPECT_NE(failure.hint().find("totpilot factor confirm bob-app"), std::string::npos) << failure.hint();
}

TEST_F(Codes, RecoveryCodesAreListedMaskedUnlessAskedFor) {
  keep_recovery_codes();
  const auto masked = run(list_recovery_codes(house(), {"alice-app", Reveal::kMasked, false}));
  EXPECT_EQ(masked.unused, 2);
  EXPECT_EQ(to_json(masked).dump().find("aaaa-1111"), std::string::npos);
  const auto revealed = run(list_recovery_codes(house(), {"alice-app", Reveal::kRevealed, false}));
  EXPECT_NE(to_json(revealed).dump().find("aaaa-1111"), std::string::npos);
}

TEST_F(Codes, RecoveryCodesAreWarnedAboutWhereARunForNewOnesWasCutOff) {
  keep_recovery_codes();
  EXPECT_FALSE(run(list_recovery_codes(house(), {"alice-app", Reveal::kMasked, false})).may_be_void);
  store::JobRow job;
  job.id = JobId::make(house().clock().now());
  job.account = id_;
  job.kind = "recovery_codes";
  job.state = store::JobState::kFailed;
  job.past_return = true;
  job.created = house().clock().now() + std::chrono::seconds(1);
  house().store().write([&](store::WriteTransaction& transaction) { store::insert_job(transaction, job); });

  EXPECT_TRUE(run(list_recovery_codes(house(), {"alice-app", Reveal::kMasked, false})).may_be_void);
  const auto used = run(use_recovery_code(house(), {"alice-app", "test"}));
  EXPECT_TRUE(used.may_be_void);
  EXPECT_EQ(used.code.reveal(), "aaaa-1111");
}

TEST_F(Codes, EachRecoveryCodeIsGivenOnceInTheirOrder) {
  keep_recovery_codes();
  const auto first = run(use_recovery_code(house(), {"alice-app", "test"}));
  EXPECT_EQ(first.code.reveal(), "aaaa-1111");
  EXPECT_EQ(first.left, 1);
  open();
  EXPECT_EQ(run(use_recovery_code(house(), {"alice-app", "test"})).code.reveal(), "bbbb-2222");
  EXPECT_EQ(failure_of(use_recovery_code(house(), {"alice-app", "test"})).code(), Outcome::kNotFound);
}

}  // namespace
}  // namespace totpilot::services
