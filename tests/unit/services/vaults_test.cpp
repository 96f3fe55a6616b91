#include "agent/services/vaults.h"

#include "agent/services/operation.h"
#include "agent/services/playbooks.h"
#include "tests/unit/services/home.h"

namespace totpilot::services {
namespace {

class Vaults : public Home {
 protected:
  std::string kit() {
    std::string text;
    run(make_kit(house(), [&](const Secret& made) { text = std::string(made.reveal()); }));
    return text;
  }
  void open_with(const std::string& passphrase, const std::string& kit) {
    Wiring wiring;
    wiring.bring_credentials = [=] {
      vault::Credentials brought;
      if (!passphrase.empty()) brought.passphrase = Secret::copy_of(passphrase);
      if (!kit.empty()) brought.kit = Secret::copy_of(kit);
      return brought;
    };
    open(std::move(wiring));
  }
  /// Gives how often the passphrase was asked for.
  std::shared_ptr<int> open_asking(const std::string& answer) {
    auto asked = std::make_shared<int>(0);
    Wiring wiring;
    wiring.ask_passphrase = [asked, answer] {
      ++*asked;
      if (answer.empty()) throw Failure(Outcome::kNeedsInput, "there is nobody to ask");
      return Secret::copy_of(answer);
    };
    open(std::move(wiring));
    return asked;
  }
  void damage_key_file() { std::ofstream(root_ / "keys" / "vault.key") << "nonsense\n"; }
};

TEST_F(Vaults, ASecondVaultInTheSamePlaceIsRefused) {
  open();
  EXPECT_EQ(failure_of(init_vault(house(), {})).code(), Outcome::kAlreadyExists);
}

TEST_F(Vaults, AMissingKeyFileIsASealedVault) {
  open();
  std::filesystem::remove_all(root_ / "keys");
  const VaultView view = run(vault_status(house()));
  ASSERT_TRUE(view.sealed);
  EXPECT_EQ(view.sealed->code(), Outcome::kVaultSealed);
  EXPECT_FALSE(view.key_file_present);
  EXPECT_EQ(view.status.slots.size(), 1U) << "what needs no key is said all the same";
  EXPECT_EQ(to_json(view)["opens"], false);
  EXPECT_EQ(failure_of(make_backup(house(), root_ / "x")).code(), Outcome::kVaultSealed);
}

TEST_F(Vaults, TheKitOpensAVaultWhoseKeyFileIsLostAndGivesItANewOne) {
  const std::string text = kit();
  std::filesystem::remove_all(root_ / "keys");
  open_with("", text);
  run(make_key_file(house(), vault::OtherKeyFile::kRefuse));
  open();
  EXPECT_FALSE(run(vault_status(house())).status.rolled_back);
}

TEST_F(Vaults, APassphraseThatWasGivenIsTriedAlsoWhereAKeyFileIsInPlace) {
  run(set_passphrase(house(), Secret::copy_of("one long phrase")));
  damage_key_file();
  open_with("one long phrase", "");
  EXPECT_EQ(run(vault_status(house())).status.slots.size(), 2U);
}

TEST_F(Vaults, ThePassphraseIsAskedForWhenTheKeyFileDoesNotOpen) {
  run(set_passphrase(house(), Secret::copy_of("one long phrase")));
  EXPECT_EQ(*open_asking("one long phrase"), 0);
  run(vault_status(house()));
  damage_key_file();
  const auto asked = open_asking("one long phrase");
  run(vault_status(house()));
  EXPECT_EQ(*asked, 1);
}

TEST_F(Vaults, WithNobodyToAskTheFailureSaysWhatIsWrongWithTheKeyFile) {
  run(set_passphrase(house(), Secret::copy_of("one long phrase")));
  damage_key_file();
  open_asking("");
  const Failure failure = run(vault_status(house())).sealed.value();
  EXPECT_EQ(failure.code(), Outcome::kVaultSealed);
  EXPECT_NE(failure.message().find("vault.key"), std::string::npos) << failure.message();
}

TEST_F(Vaults, AnOpenVaultAsksForNoPassphrase) {
  run(set_passphrase(house(), Secret::copy_of("one long phrase")));
  const auto asked = open_asking("one long phrase");
  run(vault_status(house()));
  EXPECT_EQ(*asked, 0);
}

TEST_F(Vaults, StatusIsDocumentedInJsonWithoutAnyKey) {
  const auto json = to_json(run(vault_status(house())));
  EXPECT_EQ(json["slots"][0]["kind"], "file");
  EXPECT_EQ(json["rolled_back"], false);
}

TEST_F(Vaults, ABackupCanBeVerifiedAndPutInPlaceBesideWhatWasThere) {
  add();
  const auto file = root_ / "one.backup";
  run(make_backup(house(), file));
  add("later-app");
  open();

  EXPECT_TRUE(run(restore_backup(house(), {.file = file, .verify_only = true})).counts.size() > 0);
  EXPECT_EQ(failure_of(restore_backup(house(), {.file = file, .verify_only = false})).code(), Outcome::kAlreadyExists);
  const auto restored = run(restore_backup(house(), {.file = file, .verify_only = false, .set_aside = true}));

  EXPECT_TRUE(restored.set_aside.has_value());
  open();
  EXPECT_EQ(run(list_accounts(house(), "")).size(), 1U);
}

TEST_F(Vaults, ARestoreAsksForThePassphraseAsAVaultDoes) {
  run(set_passphrase(house(), Secret::copy_of("one long phrase")));
  const auto file = root_ / "one.backup";
  run(make_backup(house(), file));
  std::filesystem::remove_all(root_ / "keys");
  const auto asked = open_asking("one long phrase");
  EXPECT_EQ(failure_of(restore_backup(house(), {.file = file, .verify_only = false})).code(), Outcome::kAlreadyExists);
  EXPECT_EQ(*asked, 0) << "no phrase helps where a database is in the way";
  EXPECT_TRUE(run(restore_backup(house(), {.file = file, .verify_only = true})).key_file_missing);
  EXPECT_EQ(*asked, 1);
  open_with("one long phrase", "");
  EXPECT_TRUE(run(restore_backup(house(), {.file = file, .verify_only = true})).key_file_missing);
}

TEST_F(Vaults, ACheckOfABackupWaitsForNobody) {
  const auto file = root_ / "one.backup";
  run(make_backup(house(), file));
  House other(context_, config_, {});
  const auto checked = run(restore_backup(other, {.file = file, .verify_only = true}));
  EXPECT_EQ(checked.age.newest_here, std::nullopt) << "the database in place belongs to another process";
  open();
  EXPECT_NE(to_json(run(restore_backup(house(), {.file = file, .verify_only = true})))["age"], nullptr);
}

TEST_F(Vaults, NothingIsSaidToHaveBeenWhereNoVaultEverWas) {
  std::filesystem::remove_all(root_ / "state");
  EXPECT_NE((open(), failure_of(vault_status(house()))).hint().find("one was here"), std::string::npos);
  config_.state_directory = root_ / "never";
  open();
  const Failure failure = failure_of(vault_status(house()));
  EXPECT_EQ(failure.code(), Outcome::kVaultMissing);
  EXPECT_EQ(failure.hint().find("one was here"), std::string::npos) << failure.hint();
}

TEST_F(Vaults, AnInitWithoutAPlaceForTheEscrowCopiesLeavesNoKeyFile) {
  config_.state_directory = root_ / "other";
  config_.key_directory = root_ / "other-keys";
  config_.escrow_directory = root_ / "file" / "escrow";
  std::ofstream(root_ / "file") << "in the way";
  open();
  EXPECT_EQ(failure_of(init_vault(house(), {})).code(), Outcome::kInvalidInput);
  EXPECT_FALSE(std::filesystem::exists(config_.key_directory));
}

TEST_F(Vaults, TheLastWayInCannotBeRemoved) {
  EXPECT_EQ(failure_of(remove_slot(house(), "file")).code(), Outcome::kInvalidInput);
}

TEST_F(Vaults, AnInitInTheStateDirectoryItselfIsRefused) {
  config_.state_directory = root_ / "other";
  config_.key_directory = root_ / "other" / "keys";
  open();
  EXPECT_EQ(failure_of(init_vault(house(), {})).code(), Outcome::kInvalidInput);
}

TEST_F(Vaults, AnInitThatFailsLeavesNoDatabaseInTheWayOfARestore) {
  config_.state_directory = root_ / "other";
  open();

  EXPECT_EQ(failure_of(init_vault(house(), {})).code(), Outcome::kAlreadyExists) << "the key file of another vault";

  EXPECT_FALSE(std::filesystem::exists(root_ / "other" / "totpilot.db"));
}

TEST(Playbooks, LintGivesEveryFindingWithItsPlace) {
  const auto file = std::filesystem::temp_directory_path() / "totpilot-services-lint.yaml";
  std::ofstream(file) << "playbook: 1\napp: x\nunknown_key: 1\n";
  const LintedFile linted = lint_playbook(file);
  std::filesystem::remove(file);
  EXPECT_GT(linted.errors, 1);
  EXPECT_NE(linted.rendered.find("unknown_key"), std::string::npos);
  EXPECT_GT(linted.diagnostics.front().at.line, 0);
}

TEST(Playbooks, EveryInstalledPlaybookIsListedWithoutErrors) {
  config::Config config;
  const auto listed = list_playbooks(config);
  EXPECT_FALSE(listed.empty());
  for (const auto& one : listed) EXPECT_EQ(one.errors, 0) << one.file;
}

}  // namespace
}  // namespace totpilot::services
