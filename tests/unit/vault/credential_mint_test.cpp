#include "agent/vault/credential_mint.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/base/unique_fd.h"
#include "tests/unit/vault/house.h"

namespace totpilot::vault {
namespace {

class Credential : public ::testing::Test {
 protected:
  void SetUp() override {
    house_.init();
    account_.id = AccountId::make(house_.clock().now());
    account_.name = "redmine-alice";
    account_.origins = {"https://redmine.example", "https://login.example:8443"};
  }
  std::string password(Deadline deadline = Deadline::after(std::chrono::seconds(20))) {
    const CredentialMint mint(house_.vault());
    return std::string(mint.password_for(account_, deadline).value().reveal());
  }
  Outcome outcome() {
    return outcome_of([&] { password(); });
  }

  House house_;
  store::AccountRow account_;
};

TEST_F(Credential, ComesFromTheVaultWithTheAccountsPins) {
  account_.sealed_password = house_.vault().seal(password_context(account_.id), Secret::copy_of("hunter22"));
  const CredentialMint mint(house_.vault());
  const browser::BoundSecret bound = mint.password_for(account_, Deadline::after(std::chrono::seconds(1)));
  EXPECT_EQ(bound.kind(), browser::SecretKind::kPassword);
  EXPECT_EQ(bound.value().reveal(), "hunter22");
  ASSERT_EQ(bound.pins().size(), 2U);
  EXPECT_EQ(bound.pins()[1].text(), "https://login.example:8443");
}

TEST_F(Credential, OfAnotherAccountIsRefused) {
  account_.sealed_password =
      house_.vault().seal(password_context(AccountId::make(house_.clock().now())), Secret::copy_of("hunter22"));
  EXPECT_EQ(outcome(), Outcome::kStorageFailed);
}

TEST_F(Credential, ComesFromAPrivateFileWithoutItsLineEnd) {
  account_.password_file = house_.path() / "password";
  write_file_atomically(account_.password_file, "hunter22 with space \n");
  EXPECT_EQ(password(), "hunter22 with space ");
  std::filesystem::permissions(account_.password_file, std::filesystem::perms(0644));
  EXPECT_EQ(outcome(), Outcome::kStorageFailed);
  account_.password_file = house_.path() / "missing";
  EXPECT_EQ(outcome(), Outcome::kNotFound);
}

TEST_F(Credential, ComesFromTheFirstLineOfACommand) {
  account_.password_command = "printf 'hunter22\\r\\nsecond line\\n'; echo noise >&2";
  EXPECT_EQ(password(), "hunter22");
  account_.password_command = "printf hunter22";
  EXPECT_EQ(password(), "hunter22");
}

TEST_F(Credential, OfACommandThatFailsIsNotTaken) {
  account_.password_command = "echo hunter22; exit 3";
  EXPECT_EQ(outcome(), Outcome::kNeedsInput);
  EXPECT_NE(words_of([&] { password(); }).find("status 3"), std::string::npos);
  account_.password_command = "kill -9 $$";
  EXPECT_EQ(outcome(), Outcome::kNeedsInput);
  account_.password_command = "true";
  EXPECT_EQ(outcome(), Outcome::kInvalidInput);
  account_.password_command = "yes | tr -d '\\n'";
  EXPECT_EQ(outcome(), Outcome::kNeedsInput);
}

TEST_F(Credential, CommandThatHangsIsKilledWithItsChildrenAtTheDeadline) {
  const std::filesystem::path mark = house_.path() / "pid";
  account_.password_command = "tail -f /dev/null & echo $! > " + mark.string() + "; wait";
  EXPECT_EQ(outcome_of([&] { password(Deadline::after(std::chrono::milliseconds(700))); }), Outcome::kTimedOut);
  const pid_t child = std::stoi("0" + contents(mark));
  ASSERT_GT(child, 0) << "the command had not begun";
  // A pidfd is readable once the process has ended, reaped or not; there is none of a process that is gone.
  const UniqueFd ended(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  if (!ended) return;
  pollfd ready{ended.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&ready, 1, 10000), 1) << "it lives on";
}

TEST_F(Credential, CommandThatLeavesAChildWithOurPipeDoesNotHoldUsUp) {
  account_.password_command = "tail -f /dev/null & echo hunter22";
  EXPECT_EQ(password(), "hunter22");
}

TEST_F(Credential, CommandGetsNoInputOfOurs) {
  account_.password_command = "cat; echo end";
  EXPECT_EQ(password(), "end");
}

TEST_F(Credential, IsMissingWhenTheAccountHasNone) {
  EXPECT_FALSE(has_password(account_));
  EXPECT_EQ(outcome(), Outcome::kNeedsInput);
}

TEST_F(Credential, IsNeverBoundToNothingOrToPlainHttp) {
  account_.password_command = "echo hunter22";
  account_.origins = {};
  EXPECT_EQ(outcome(), Outcome::kInvalidInput);
  account_.origins = {"http://redmine.example"};
  EXPECT_EQ(outcome(), Outcome::kOriginBlocked);
  account_.insecure_http = true;
  EXPECT_EQ(outcome(), Outcome::kOk);
  account_.insecure_http = false;
  account_.origins = {"http://127.0.0.1:8101"};
  EXPECT_EQ(outcome(), Outcome::kOk);
}

}  // namespace
}  // namespace totpilot::vault
