#include "agent/services/accounts.h"

#include "agent/enrollment/attempt_budget.h"
#include "agent/services/factors.h"
#include "agent/store/recovery_codes.h"
#include "tests/unit/services/home.h"

namespace totpilot::services {
namespace {

class Accounts : public Home {
 protected:
  void import(const std::string& account, bool confirmed) {
    ImportFactor request;
    request.account = account;
    request.material = Secret(std::string(kKey));
    request.confirmed = confirmed;
    run(import_factor(house(), std::move(request)));
  }
};

TEST_F(Accounts, AnAddedAccountIsShownWithItsPinAndWithoutItsPassword) {
  AddAccount request = account();
  request.password.sealed = Secret(std::string("correct-horse-9"));
  run(add_account(house(), std::move(request)));

  const AccountView shown = run(show_account(house(), "alice-app"));
  EXPECT_EQ(shown.origins, std::vector<std::string>{"https://app.example"});
  EXPECT_EQ(shown.password, "sealed");
  EXPECT_EQ(to_json(shown).dump().find("correct-horse"), std::string::npos);
}

TEST_F(Accounts, AnAccountCanBeNamedByItsId) {
  const AccountView added = add();
  EXPECT_EQ(run(show_account(house(), added.id.str())).name, "alice-app");
}

TEST_F(Accounts, AWrongNameIsAnsweredWithTheNearestOne) {
  add("redmine-alice");
  const Failure failure = failure_of(show_account(house(), "redmine-alcie"));
  EXPECT_EQ(failure.code(), Outcome::kNotFound);
  EXPECT_NE((failure.message() + failure.hint()).find("redmine-alice"), std::string::npos)
      << failure.message() << failure.hint();
}

TEST_F(Accounts, ASecondOneOfTheNameIsRefused) {
  add();
  EXPECT_EQ(failure_of(add_account(house(), account())).code(), Outcome::kAlreadyExists);
}

TEST_F(Accounts, AnUnknownAppIsRefusedBeforeAnythingIsKept) {
  AddAccount request = account();
  request.app = "no-such-app";
  EXPECT_EQ(failure_of(add_account(house(), std::move(request))).code(), Outcome::kNoPlaybook);
  EXPECT_TRUE(run(list_accounts(house(), "")).empty());
}

TEST_F(Accounts, ANewPasswordIsTriedAlthoughTheOldOneWasRefusedTooOften) {
  const AccountView added = add();
  enrollment::AttemptBudget refused(house().store(), house().clock(), store::AttemptKind::kPassword);
  for (int i = 0; i < 3; ++i) refused.record(added.id, "cli:1");
  ChangeAccount other;
  other.account = "alice-app";
  other.notes = "nothing about the password";
  run(change_account(house(), std::move(other)));
  EXPECT_EQ(refused.left(added.id), 0);

  ChangeAccount change;
  change.account = "alice-app";
  change.password.sealed = Secret(std::string("correct-horse-9"));
  run(change_account(house(), std::move(change)));

  EXPECT_EQ(refused.left(added.id), 3);
}

TEST_F(Accounts, APasswordFromTwoPlacesIsRefused) {
  AddAccount request = account();
  request.password.file = "/run/secret";
  request.password.command = "pass show x";
  EXPECT_EQ(failure_of(add_account(house(), std::move(request))).code(), Outcome::kInvalidInput);
}

TEST_F(Accounts, ListingByTagLeavesOthersOut) {
  AddAccount tagged = account("ci");
  tagged.tags = {"ci"};
  run(add_account(house(), std::move(tagged)));
  add("other");
  const auto listed = run(list_accounts(house(), "ci"));
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed.front().name, "ci");
}

TEST_F(Accounts, ANewAddressMovesItsPinAndKeepsTheOthers) {
  AddAccount request = account();
  request.origins = {"https://sso.example"};
  run(add_account(house(), std::move(request)));

  ChangeAccount change;
  change.account = "alice-app";
  change.url = "https://new.example/app";
  const AccountView changed = run(change_account(house(), std::move(change)));

  EXPECT_EQ(changed.url, "https://new.example/app");
  EXPECT_EQ(changed.origins, (std::vector<std::string>{"https://new.example", "https://sso.example"}));
}

TEST_F(Accounts, TheOwnOriginCannotBeUnpinned) {
  add();
  ChangeAccount change;
  change.account = "alice-app";
  change.remove_origins = {"https://app.example"};
  EXPECT_EQ(failure_of(change_account(house(), std::move(change))).code(), Outcome::kInvalidInput);
}

TEST_F(Accounts, ChangingNothingButThePasswordKeepsTheRest) {
  const AccountView before = add();
  ChangeAccount change;
  change.account = "alice-app";
  change.password.command = "pass show app";
  const AccountView after = run(change_account(house(), std::move(change)));
  EXPECT_EQ(after.password, "command");
  EXPECT_EQ(after.url, before.url);
  EXPECT_EQ(after.origins, before.origins);
  EXPECT_EQ(after.username, before.username);
}

TEST_F(Accounts, AnAccountWithAFactorInUseIsRemovedOnlyWhenThatIsSaid) {
  add();
  import("alice-app", true);
  const Failure refused = failure_of(remove_account(house(), {"alice-app", false}));
  EXPECT_EQ(refused.code(), Outcome::kInvalidInput);
  EXPECT_NE(refused.hint().find("--with-factor"), std::string::npos);

  EXPECT_EQ(run(remove_account(house(), {"alice-app", true})).kept_factors, 1);
  EXPECT_EQ(failure_of(show_account(house(), "alice-app")).code(), Outcome::kNotFound);
}

TEST_F(Accounts, TheSecretOfARemovedAccountCanStillBeTakenOut) {
  add();
  import("alice-app", true);
  const FactorId factor = run(list_factors(house(), "alice-app")).front().id;
  run(remove_account(house(), {"alice-app", true}));

  const ExportedFactor exported = run(export_factor(house(), {"alice-app", factor.str()}));
  EXPECT_EQ(exported.base32.reveal(), kKey);
}

TEST_F(Accounts, WhatGoesForGoodWithAnAccountIsSaidBeforeAndAfter) {
  const AccountView added = add();
  import("alice-app", true);
  house().store().write([&](store::WriteTransaction& transaction) {
    store::RecoveryCodeRow code;
    code.id = RecoveryCodeId::make(house().clock().now());
    code.account = added.id;
    store::insert_recovery_codes(transaction, {code});
  });
  const Failure refused = failure_of(remove_account(house(), {"alice-app", false}));
  EXPECT_NE(refused.hint().find("1 unused recovery code"), std::string::npos) << refused.hint();
  EXPECT_EQ(run(remove_account(house(), {"alice-app", true})).dropped_recovery_codes, 1);
}

TEST_F(Accounts, AnAccountWithoutFactorIsRemovedAtOnce) {
  add();
  EXPECT_EQ(run(remove_account(house(), {"alice-app", false})).kept_factors, 0);
}

TEST(House, SaysThatThereIsNoVaultAndMakesNothing) {
  const std::filesystem::path nowhere = std::filesystem::temp_directory_path() / "totpilot-services-nowhere";
  config::Config config;
  config.state_directory = nowhere;
  boost::asio::io_context context{1};
  House house(context, config, {});
  try {
    run_to_end(context, list_accounts(house, ""));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Outcome::kVaultMissing);
  }
  EXPECT_FALSE(std::filesystem::exists(nowhere));
}

}  // namespace
}  // namespace totpilot::services
