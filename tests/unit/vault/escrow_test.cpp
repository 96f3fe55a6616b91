#include "agent/vault/escrow.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "agent/vault/escrow_recovery.h"
#include "tests/unit/vault/house.h"

namespace totpilot::vault {
namespace {

class EscrowCopies : public ::testing::Test {
 protected:
  EscrowEntry entry(int number) {
    EscrowEntry entry;
    entry.factor.id = FactorId::make(from_millis(number));
    entry.factor.account = AccountId::make(from_millis(1));
    entry.factor.parameters = {"SHA256", 8, 60, "decimal"};
    entry.factor.issuer = "an issuer with \"quotes\"\nand lines";
    entry.factor.vendor = "lock=true";
    entry.factor.sealed_secret = "sealed " + std::to_string(number);
    entry.factor.created = from_millis(number);
    entry.account_name = "redmine-alice";
    entry.base_url = "https://redmine.example";
    return entry;
  }

  House house_;
  Escrow escrow_{house_.locations().escrow(), "workspace"};
};

TEST_F(EscrowCopies, ComeBackAsTheyWereGiven) {
  const EscrowEntry given = entry(1);
  escrow_.append(given);
  const auto entries = Escrow(house_.locations().escrow(), "workspace").list();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].factor.id, given.factor.id);
  EXPECT_EQ(entries[0].factor.parameters.algorithm, "SHA256");
  EXPECT_EQ(entries[0].factor.parameters.period, 60);
  EXPECT_EQ(entries[0].factor.issuer, given.factor.issuer);
  EXPECT_EQ(entries[0].factor.vendor, given.factor.vendor);
  EXPECT_EQ(entries[0].factor.sealed_secret, given.factor.sealed_secret);
  EXPECT_EQ(entries[0].account_name, given.account_name);
}

TEST_F(EscrowCopies, SurviveATornLineBeforeAndAfterThem) {
  escrow_.append(entry(1));
  std::ofstream(escrow_.file(), std::ios::app) << R"({"factor":"fac_torn","acc)";
  EXPECT_EQ(escrow_.list().size(), 1U);
  escrow_.append(entry(2));
  EXPECT_EQ(escrow_.list().size(), 2U);
}

TEST_F(EscrowCopies, OfAProvenFactorAreRemovedAndTheOthersStay) {
  const EscrowEntry proven = entry(1);
  escrow_.append(proven);
  escrow_.append(entry(2));
  EXPECT_EQ(escrow_.prune(proven.factor.id), 1);
  EXPECT_EQ(escrow_.prune(proven.factor.id), 0);
  ASSERT_EQ(escrow_.list().size(), 1U);
  EXPECT_EQ(escrow_.list()[0].factor.sealed_secret, "sealed 2");
  EXPECT_EQ(contents(escrow_.file()).find("sealed 1"), std::string::npos);
}

TEST_F(EscrowCopies, TakeWhatIsNoUtf8) {
  EscrowEntry odd = entry(1);
  odd.factor.label =
      "a\xFF"
      "b";
  EXPECT_NO_THROW(escrow_.append(odd));
  EXPECT_EQ(escrow_.list().size(), 1U);
}

TEST_F(EscrowCopies, FailAloudWhenTheirDirectoryCannotBeWritten) {
  std::filesystem::remove_all(house_.locations().escrow());
  std::ofstream(house_.locations().escrow()) << "a file in its place";
  EXPECT_EQ(outcome_of([&] { escrow_.append(entry(1)); }), Outcome::kStorageFailed);
}

TEST_F(EscrowCopies, AreNotWrittenWhereOthersMayRead) {
  escrow_.append(entry(1));
  std::filesystem::permissions(escrow_.file(), std::filesystem::perms(0644));
  EXPECT_EQ(outcome_of([&] { escrow_.append(entry(2)); }), Outcome::kStorageFailed);
}

TEST(EscrowRecovery, OpensCandidatesWithoutAnyDatabaseAlsoAfterARotation) {
  House house;
  house.init("passphrase");
  const auto account = house.furnish(1);
  house.vault().escrow().append({house.a_factor(account.id, 7), "redmine-alice", "alice", "https://redmine.example"});
  house.vault().rotate_key({});
  house.vault().escrow().append({house.a_factor(account.id, 8), "redmine-alice", "alice", "https://redmine.example"});
  house.close();
  std::filesystem::remove_all(house.locations().state_directory);

  const auto workspaces = escrow_workspaces(house.locations());
  ASSERT_EQ(workspaces.size(), 1U);
  const auto candidates = recover_escrow(house.locations(), workspaces[0], {});
  ASSERT_EQ(candidates.size(), 2U);
  EXPECT_EQ(candidates[0].secret.reveal(), "secret 7");
  EXPECT_EQ(candidates[1].secret.reveal(), "secret 8");
  EXPECT_EQ(candidates[1].entry.base_url, "https://redmine.example");

  std::filesystem::remove(house.locations().key_file());
  EXPECT_EQ(outcome_of([&] { recover_escrow(house.locations(), workspaces[0], {}); }), Outcome::kVaultSealed);
  EXPECT_EQ(recover_escrow(house.locations(), workspaces[0],
                           {.passphrase = Secret::copy_of("passphrase"), .kit = std::nullopt})
                .size(),
            2U);
}

TEST(EscrowRecovery, KnowsTheStateDirectoryThatAVaultLivedIn) {
  House house;
  house.init();
  const std::string workspace = escrow_workspaces(house.locations()).at(0);
  EXPECT_TRUE(lived_here(house.locations(), workspace));
  Locations elsewhere = house.locations();
  elsewhere.state_directory = house.path() / "other";
  EXPECT_FALSE(lived_here(elsewhere, workspace));
  house.close();
  std::filesystem::remove_all(house.locations().state_directory);
  EXPECT_TRUE(lived_here(house.locations(), workspace)) << "also when it is lost";
}

TEST(EscrowRecovery, LeavesOutWhatWasChangedAndOpensTheRest) {
  House house;
  house.init();
  const auto account = house.furnish(1);
  const store::FactorRow one = house.a_factor(account.id, 7);
  store::FactorRow other = house.a_factor(account.id, 8);
  other.sealed_secret = one.sealed_secret;
  house.vault().escrow().append({one, "redmine-alice", "alice", "https://redmine.example"});
  house.vault().escrow().append({other, "redmine-alice", "alice", "https://redmine.example"});
  const auto candidates = recover_escrow(house.locations(), escrow_workspaces(house.locations()).at(0), {});
  ASSERT_EQ(candidates.size(), 1U);
  EXPECT_EQ(candidates[0].secret.reveal(), "secret 7");
}

}  // namespace
}  // namespace totpilot::vault
