#include <gmock/gmock.h>

#include <fstream>

#include "tests/unit/cli/program.h"

namespace totpilot::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kWorkKey = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

class VaultCommands : public Program {
 protected:
  VaultCommands() { init(); }

  std::string path(const std::string& name) const { return (root_ / name).string(); }
  void with_factor() {
    add();
    ASSERT_EQ(run({"factor", "import", "work", "--confirmed"}, kWorkKey).status, 0);
  }
};

TEST_F(VaultCommands, ARestoreOfAnOlderBackupSaysWhatIsNewerAndToCheck) {
  const std::string backup = path("b.backup");
  add();
  ASSERT_EQ(run({"backup", backup}).status, 0);
  ASSERT_EQ(run({"factor", "import", "work", "--confirmed"}, kWorkKey).status, 0);
  add("later");

  const Said checked = run({"restore", backup, "--verify"});
  EXPECT_THAT(checked.out, HasSubstr("ago)")) << checked.all();
  EXPECT_THAT(checked.err, HasSubstr("work uses another factor"));
  EXPECT_THAT(checked.err, HasSubstr("an escrow copy is newer than the backup: fac_"));
  const Said restored = run({"restore", backup, "--set-aside"});

  EXPECT_EQ(restored.status, 0) << restored.all();
  EXPECT_THAT(restored.out, HasSubstr("newest change:"));
  EXPECT_THAT(restored.err, HasSubstr("the database that was here has changes up to"));
  EXPECT_THAT(restored.err, HasSubstr("work uses another factor"));
  EXPECT_THAT(restored.err, HasSubstr("later is in the database that was here, and not in the backup"));
  EXPECT_THAT(restored.err, HasSubstr("totpilot factor import work --from-escrow fac_"));
  EXPECT_THAT(restored.err, HasSubstr("totpilot check ACCOUNT"));
}

TEST_F(VaultCommands, ARestoreOfTheLatestBackupWarnsOfNothing) {
  with_factor();
  const std::string backup = path("b.backup");
  ASSERT_EQ(run({"backup", backup}).status, 0);
  const Said restored = run({"restore", backup, "--set-aside"});
  EXPECT_EQ(restored.status, 0) << restored.all();
  EXPECT_THAT(restored.err, Not(HasSubstr("warning:")));
}

TEST_F(VaultCommands, ARestoreAsksForThePassphraseOnATerminal) {
  const std::string backup = path("b.backup");
  ASSERT_EQ(run({"vault", "passphrase", "--new-passphrase-stdin"}, "one long phrase\n").status, 0);
  ASSERT_EQ(run({"backup", backup}).status, 0);
  std::filesystem::remove_all(root_ / "keys");
  std::filesystem::remove_all(root_ / "state");
  const Said nobody = run({"restore", backup, "--verify"});
  EXPECT_EQ(nobody.status, 4) << nobody.all();
  EXPECT_EQ(run({"restore", backup, "--verify", "--passphrase-stdin"}, "one long phrase\n").status, 0);
  const Said asked = run_on_terminal({"restore", backup}, {{"passphrase of the vault: ", "one long phrase\n"}});
  EXPECT_EQ(asked.status, 0) << asked.all();
}

TEST_F(VaultCommands, AJunkFileIsNoBackup) {
  const Said said = run({"restore", write("junk", "junk"), "--json"});
  EXPECT_EQ(said.status, 2) << said.all();
  EXPECT_EQ(said.json()["outcome"], "invalid_input");
  EXPECT_THAT(said.json().value("message", ""), HasSubstr("is no backup of totpilot"));
}

TEST_F(VaultCommands, StatusOfAClosedVaultSaysWhatIsKnownAndFails) {
  add();
  ASSERT_EQ(run({"vault", "kit", "--output", path("kit.txt")}).status, 0);
  ASSERT_EQ(run({"backup", path("b.backup")}).status, 0);
  std::filesystem::remove_all(root_ / "keys");
  const Said said = run({"vault", "status"});
  EXPECT_EQ(said.status, 7) << said.all();
  EXPECT_THAT(said.out, HasSubstr("vault.key, not there), kit"));
  EXPECT_THAT(said.out, HasSubstr("last backup:         2"));
  EXPECT_THAT(said.err, HasSubstr("totpilot vault key-file --kit-file FILE"));
  const auto json = run({"vault", "status", "--json"}).json();
  EXPECT_EQ(json["outcome"], "vault_sealed");
  EXPECT_EQ(json["vault"]["slots"].size(), 2U);
}

TEST_F(VaultCommands, ANewWayInSaysThatEarlierBackupsNeedTheOldOne) {
  const std::string kit = path("kit.txt");
  EXPECT_THAT(run({"vault", "kit", "--output", kit}).err, HasSubstr("make a new backup"));
  EXPECT_THAT(run({"vault", "passphrase", "--new-passphrase-stdin"}, "one long phrase\n").err,
              HasSubstr("make a new backup"));
  write("keys/vault.key", "nonsense\n");
  const Said made = run({"vault", "key-file", "--kit-file", kit});
  EXPECT_EQ(made.status, 0) << made.all();
  EXPECT_THAT(made.err, HasSubstr("vault.key.replaced-"));
  EXPECT_THAT(made.err, HasSubstr("make a new backup"));
  EXPECT_EQ(run({"vault", "status"}).status, 0);
  const Said rotated = run({"vault", "rotate-key", "--everything", "--drop-passphrase", "--drop-kit"});
  EXPECT_THAT(rotated.err, HasSubstr("make a new backup")) << rotated.all();
  for (const char* command : {"kit", "key-file", "passphrase", "rotate-key"})
    EXPECT_THAT(run({"vault", command, "--help"}).out, HasSubstr("their time")) << command;
}

TEST_F(VaultCommands, NoOutputReplacesAFileUnlessTold) {
  with_factor();
  const std::string there = write("there", "mine");
  const std::vector<std::vector<std::string>> commands = {{"factor", "export", "work", "--output", there},
                                                          {"vault", "kit", "--output", there},
                                                          {"login", "work", "--export", there}};
  for (const auto& command : commands) {
    const Said said = run(command);
    EXPECT_EQ(said.status, 3) << said.all();
    EXPECT_THAT(said.err, HasSubstr("--force")) << said.all();
    EXPECT_EQ(read("there"), "mine");
  }
  EXPECT_EQ(run({"factor", "export", "work", "--output", there, "--force", "--as", "base32"}).status, 0);
  EXPECT_EQ(read("there"), std::string(kWorkKey) + "\n");
  EXPECT_EQ(run({"vault", "kit", "--output", there, "--force"}).status, 0);
  EXPECT_EQ(run({"vault", "status", "--kit-file", there}).status, 0);
}

TEST_F(VaultCommands, AnOutputThatCannotBeMadeIsBadInputUnderItsOwnNameBeforeAnyWork) {
  std::filesystem::create_directory(root_ / "dir");
  std::filesystem::create_symlink(write("other", "kept"), root_ / "link");
  write("file", "no directory");
  for (const char* name : {"missing/x", "file/x", "dir", "link"}) {
    const std::string target = path(name);
    // The account is unknown: had any work begun, that would be what is said.
    for (const std::vector<std::string>& command : {std::vector<std::string>{"login", "nobody", "--export", target},
                                                    {"factor", "export", "nobody", "--output", target},
                                                    {"vault", "kit", "--output", target},
                                                    {"backup", target}}) {
      const Said said = run(command);
      EXPECT_EQ(said.status, 2) << said.all();
      EXPECT_THAT(said.err, HasSubstr(target + ": ")) << said.all();
      EXPECT_THAT(said.err, Not(HasSubstr(".new")));
      EXPECT_THAT(said.err, HasSubstr("next:"));
    }
  }
  EXPECT_EQ(read("other"), "kept");
}

TEST_F(VaultCommands, EscrowCopiesFollowTheStateAndSurviveIt) {
  environment_.erase("TOTPILOT_ESCROW_DIRECTORY");
  const std::vector<std::string> there{"--state", path("two"), "--key-dir", path("two-keys")};
  const auto with = [&](std::vector<std::string> words) {
    words.insert(words.end(), there.begin(), there.end());
    return words;
  };
  ASSERT_EQ(run(with({"vault", "init"})).status, 0);
  ASSERT_EQ(
      run(with({"account", "add", "two", "--url", "https://app.example", "--username", "a", "--no-password"})).status,
      0);
  ASSERT_EQ(run(with({"factor", "import", "two"}), kWorkKey).status, 0);
  EXPECT_TRUE(std::filesystem::is_directory(path("two-escrow")));
  EXPECT_THAT(run({"factor", "list", "--escrow"}).out, Not(HasSubstr("two")));
  std::filesystem::remove_all(path("two"));
  EXPECT_THAT(run(with({"factor", "list", "--escrow"})).out, HasSubstr("two"));
  EXPECT_THAT(run({"factor", "list", "--escrow", "--escrow-dir", path("two-escrow")}).out, HasSubstr("two"));
}

TEST_F(VaultCommands, TornLinesOfAnotherVaultAreNotToldOf) {
  with_factor();
  std::string file;
  for (const auto& entry : std::filesystem::directory_iterator(root_ / "escrow"))
    if (entry.path().filename().string().starts_with("candidates-")) file = entry.path().string();
  ASSERT_FALSE(file.empty());
  std::ofstream(file, std::ios::app) << R"({"factor":"fac_torn","acc)";
  EXPECT_THAT(run({"factor", "list", "--escrow"}).err, HasSubstr("candidates-"));
  EXPECT_THAT(run({"factor", "list", "--escrow", "--state", path("other")}).err, Not(HasSubstr("candidates-")));
}

}  // namespace
}  // namespace totpilot::cli
