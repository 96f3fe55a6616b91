#include "agent/services/vaults.h"

#include "agent/services/operation.h"
#include "agent/services/playbooks.h"
#include "tests/unit/services/home.h"

namespace totpilot::services {
namespace {

class Vaults : public Home {};

TEST_F(Vaults, ASecondVaultInTheSamePlaceIsRefused) {
  open();
  EXPECT_EQ(failure_of(init_vault(house(), {})).code(), Outcome::kAlreadyExists);
}

TEST_F(Vaults, AMissingKeyFileIsASealedVault) {
  open();
  std::filesystem::remove_all(root_ / "keys");
  EXPECT_EQ(failure_of(vault_status(house())).code(), Outcome::kVaultSealed);
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

TEST_F(Vaults, TheLastWayInCannotBeRemoved) {
  EXPECT_EQ(failure_of(remove_slot(house(), "file")).code(), Outcome::kInvalidInput);
}

TEST_F(Vaults, AnInitInTheStateDirectoryItselfIsRefused) {
  config_.state_directory = root_ / "other";
  config_.key_directory = root_ / "other" / "keys";
  open();
  EXPECT_EQ(failure_of(init_vault(house(), {})).code(), Outcome::kInvalidInput);
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

TEST(Operations, HaveDifferentNamesAndASentenceEach) {
  std::string before;
  for (const Operation& one : all_operations()) {
    EXPECT_LT(before, one.name);
    EXPECT_FALSE(one.summary.empty());
    before = one.name;
  }
}

}  // namespace
}  // namespace totpilot::services
