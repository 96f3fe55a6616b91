// Accounts without a playbook: what a run cannot do is told with what a person does instead.
#include "agent/enrollment/recovery_book.h"
#include "agent/services/factors.h"
#include "agent/services/runs.h"
#include "agent/store/enrollments.h"
#include "tests/unit/services/home.h"

namespace totpilot::services {
namespace {

class SelfManaged : public Home {
 protected:
  SelfManaged() { id_ = add().id; }

  FactorId import() {
    ImportFactor request;
    request.account = "alice-app";
    request.material = Secret(std::string(kKey));
    return run(import_factor(house(), std::move(request))).factor.id;
  }
  void confirm() { run(confirm_factor(house(), {"alice-app", ""})); }
  std::string hint_of_login() { return failure_of(login(house(), {"alice-app"}, listener_)).hint(); }

  AccountId id_;
  WaitRecorder listener_;
};

TEST_F(SelfManaged, ARunIsToldToBringTheKeyThenToConfirmItThenWhereTheCodesAre) {
  EXPECT_NE(hint_of_login().find("totpilot factor import alice-app"), std::string::npos) << hint_of_login();
  import();
  EXPECT_NE(hint_of_login().find("totpilot factor confirm alice-app"), std::string::npos) << hint_of_login();
  confirm();
  EXPECT_NE(hint_of_login().find("totpilot code alice-app"), std::string::npos) << hint_of_login();
  EXPECT_NE(failure_of(check(house(), {"alice-app"}, listener_)).hint().find("totpilot code"), std::string::npos);
  EXPECT_NE(failure_of(disable(house(), {"alice-app"}, listener_)).hint().find("totpilot factor retire alice-app"),
            std::string::npos);
}

TEST_F(SelfManaged, ARemovalNamesTheWayThatThereIsAndThatWayLeadsThere) {
  const FactorId factor = import();
  confirm();
  const Failure refused = failure_of(remove_account(house(), {"alice-app", false}));
  EXPECT_NE(refused.hint().find("totpilot factor retire alice-app"), std::string::npos) << refused.hint();

  EXPECT_EQ(run(retire_factor(house(), "alice-app")).state, "superseded");
  EXPECT_EQ(run(remove_account(house(), {"alice-app", false})).kept_factors, 1);
  EXPECT_EQ(run(export_factor(house(), {"alice-app", factor.str()})).base32.reveal(), kKey);
}

TEST_F(SelfManaged, RetiringVoidsTheRecoveryCodesAndCanBeTakenBack) {
  const FactorId factor = import();
  confirm();
  std::vector<Secret> codes;
  codes.emplace_back(std::string("aaaa-1111"));
  enrollment::RecoveryBook book(house().store(), house().vault(), house().clock());
  book.keep(id_, factor, codes, enrollment::Lease{});
  run(retire_factor(house(), "alice-app"));
  EXPECT_EQ(book.unused(id_), 0);
  EXPECT_EQ(run(confirm_factor(house(), {"alice-app", factor.str()})).state, "confirmed");
}

TEST_F(SelfManaged, WithoutAFactorInUseThereIsNothingToRetire) {
  import();
  EXPECT_EQ(failure_of(retire_factor(house(), "alice-app")).code(), Outcome::kNotFound);
}

TEST_F(SelfManaged, WhatAnOpenEnrollmentDecidesIsNotRetiredByHand) {
  import();
  confirm();
  house().store().write([&](store::WriteTransaction& transaction) {
    store::EnrollmentRow open;
    open.id = EnrollmentId::make(house().clock().now());
    open.account = id_;
    open.state = "uncertain";
    open.created = open.updated = house().clock().now();
    store::insert_enrollment(transaction, open, "{}");
  });
  const Failure refused = failure_of(retire_factor(house(), "alice-app"));
  EXPECT_EQ(refused.code(), Outcome::kInvalidInput);
  EXPECT_EQ(refused.hint(), "totpilot recover alice-app");
}

}  // namespace
}  // namespace totpilot::services
