#include <gmock/gmock.h>

#include "agent/enrollment/recovery_book.h"
#include "agent/store/accounts.h"
#include "agent/store/store.h"
#include "agent/vault/vault.h"
#include "tests/unit/cli/program.h"

namespace totpilot::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kKey = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

class Secrets : public Program {
 protected:
  Secrets() { init(); }

  std::vector<std::string> add_with(std::vector<std::string> more) {
    std::vector<std::string> words{"account", "add", "work", "--url", "https://app.example", "--username", "alice"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  /// As a run keeps what the app shows.
  void keep_recovery_code(const std::string& account, const std::string& code) {
    const auto clock = make_clock();
    const auto store = store::Store::open({.state_directory = root_ / "state"});
    const auto vault = vault::Vault::open(*store, {root_ / "state", root_ / "keys", root_ / "escrow"}, *clock, {});
    const AccountId id = store->read(
        [&](store::ReadTransaction& transaction) { return store::require_account(transaction, account).id; });
    std::vector<Secret> codes;
    codes.push_back(Secret::copy_of(code));
    enrollment::RecoveryBook(*store, *vault, *clock).keep(id, FactorId(), codes, {});
  }
  std::string kind() { return run({"account", "show", "work", "--json"}).json().value("password", ""); }
};

TEST_F(Secrets, APasswordComesFromAFile) {
  EXPECT_EQ(run(add_with({"--password-file", write("pw", "correct-horse\n")})).status, 0);
  EXPECT_EQ(kind(), "sealed");
}

TEST_F(Secrets, APasswordComesFromACommand) {
  EXPECT_EQ(run(add_with({"--password-command", "echo correct-horse"})).status, 0);
  EXPECT_EQ(kind(), "sealed");
}

TEST_F(Secrets, ACommandThatFailsIsSaidSo) {
  const Said said = run(add_with({"--password-command", "exit 3"}));
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.err, HasSubstr("status 3"));
}

TEST_F(Secrets, ACommandCanBeKeptInsteadOfThePassword) {
  EXPECT_EQ(run(add_with({"--password-command", "pass show work", "--each-time"})).status, 0);
  EXPECT_EQ(kind(), "command");
}

TEST_F(Secrets, APasswordComesFromStandardInput) {
  EXPECT_EQ(run(add_with({"--password-stdin"}), "correct-horse\n").status, 0);
  EXPECT_EQ(kind(), "sealed");
}

TEST_F(Secrets, AnEmptyPasswordIsRefused) { EXPECT_EQ(run(add_with({"--password-stdin"}), "\n").status, 2); }

TEST_F(Secrets, WithoutATerminalNoPasswordIsAskedFor) {
  const Said said = run(add_with({}));
  EXPECT_EQ(said.status, 0) << said.all();
  EXPECT_EQ(kind(), "none");
  EXPECT_THAT(said.err, HasSubstr("--password-stdin"));
}

TEST_F(Secrets, OnATerminalThePasswordIsAskedForAndNotShown) {
  const Said said = run_on_terminal(add_with({}), {{"password of alice: ", "correct-horse-battery\n"}});
  EXPECT_EQ(said.status, 0) << said.all();
  EXPECT_THAT(said.out, Not(HasSubstr("correct-horse")));
  EXPECT_EQ(kind(), "sealed");
}

TEST_F(Secrets, AnInterruptWhileAskingEndsTheCommandAndKeepsNothing) {
  const Said said = run_on_terminal(add_with({}), {{"password of alice: ", "\x03"}});
  EXPECT_EQ(said.status, 6) << said.all();
  EXPECT_THAT(said.out, HasSubstr("cancelled"));
  EXPECT_EQ(run({"account", "show", "work"}).status, 3);
}

TEST_F(Secrets, ANewPassphraseIsAskedForTwice) {
  environment_["TOTPILOT_STATE_DIRECTORY"] = (root_ / "b" / "state").string();
  environment_["TOTPILOT_KEY_DIRECTORY"] = (root_ / "b" / "keys").string();
  environment_["TOTPILOT_ESCROW_DIRECTORY"] = (root_ / "b" / "escrow").string();
  std::filesystem::create_directories(root_ / "b");
  const Said differ =
      run_on_terminal({"vault", "init", "--no-key-file"}, {{"vault: ", "one\n"}, {"(again): ", "two\n"}});
  EXPECT_EQ(differ.status, 2) << differ.all();
  const Said agree = run_on_terminal({"vault", "init", "--no-key-file"},
                                     {{"vault: ", "one long phrase\n"}, {"(again): ", "one long phrase\n"}});
  EXPECT_EQ(agree.status, 0) << agree.all();
  const Said asked = run_on_terminal({"vault", "status"}, {{"passphrase of the vault: ", "one long phrase\n"}});
  EXPECT_EQ(asked.status, 0) << asked.all();
}

TEST_F(Secrets, NoPasswordBesideAPasswordIsRefused) {
  EXPECT_EQ(run(add_with({"--no-password", "--password-file", write("pw", "correct-horse\n")})).status, 2);
  EXPECT_EQ(run(add_with({"--no-password", "--password-stdin"}), "correct-horse\n").status, 2);
  EXPECT_EQ(run({"account", "show", "work"}).status, 3);
}

TEST_F(Secrets, AFactorGoesInAndComesOutTheSame) {
  run(add_with({"--no-password"}));
  ASSERT_EQ(run({"factor", "import", "work", "--confirmed"}, kKey).status, 0);
  EXPECT_EQ(run({"factor", "export", "work", "--as", "base32"}).out, std::string(kKey) + "\n");
  const std::string file = (root_ / "key").string();
  EXPECT_THAT(run({"factor", "export", "work", "--output", file}).out, Not(HasSubstr(kKey)));
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(Secrets, AnExportReplacesNeitherADeviceNorALink) {
  run(add_with({"--no-password"}));
  run({"factor", "import", "work", "--confirmed"}, kKey);
  const Said full = run({"factor", "export", "work", "--output", "/dev/full"});
  EXPECT_EQ(full.status, 1) << full.all();
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
  const std::string link = (root_ / "link").string();
  std::filesystem::create_symlink(write("other", "kept"), link);
  const Said linked = run({"factor", "export", "work", "--output", link});
  EXPECT_EQ(linked.status, 2) << linked.all();
  EXPECT_EQ(read("other"), "kept");
}

TEST_F(Secrets, AnEscrowCopyIsListedAndBroughtBackByItsId) {
  run(add_with({"--no-password"}));
  const std::string factor =
      run({"factor", "import", "work", "--json"}, kKey).json()["factor"].value("id", "no factor");
  ASSERT_EQ(run({"account", "remove", "work", "--with-factor", "--yes"}).status, 0);
  const Said listed = run({"factor", "list", "--escrow"});
  EXPECT_THAT(listed.out, HasSubstr(factor));
  EXPECT_THAT(listed.out, HasSubstr("work"));
  EXPECT_THAT(run({"factor", "list", "--escrow", "--json"}).out, Not(HasSubstr(kKey)));
  run(add_with({"--no-password"}));
  const Said back = run({"factor", "import", "work", "--from-escrow", factor, "--confirmed"});
  ASSERT_EQ(back.status, 0) << back.all();
  EXPECT_EQ(run({"factor", "export", "work", "--as", "base32"}).out, std::string(kKey) + "\n");
  EXPECT_EQ(run({"factor", "import", "work", "-", "--from-escrow", factor}).status, 2);
}

TEST_F(Secrets, ACodeIsTheOnlyThingOnStandardOutput) {
  run(add_with({"--no-password"}));
  run({"factor", "import", "work", "--confirmed"}, kKey);
  const Said said = run({"code", "work"});
  EXPECT_EQ(said.status, 0) << said.all();
  EXPECT_EQ(said.out.size(), 7U) << said.out;
  EXPECT_THAT(said.err, HasSubstr("valid for"));
}

TEST_F(Secrets, ACodeThatCannotBePrintedIsAFailure) {
  run(add_with({"--no-password"}));
  run({"factor", "import", "work", "--confirmed"}, kKey);
  for (const std::vector<std::string>& words : {std::vector<std::string>{"code", "work"}, {"code", "work", "--json"}}) {
    const Said said = run_into("/dev/full", words);
    EXPECT_EQ(said.status, 1) << said.all();
    EXPECT_THAT(said.err, HasSubstr("standard output cannot be written")) << said.all();
  }
}

TEST_F(Secrets, ARecoveryCodeThatCannotBePrintedIsAFailureThatSaysWhereItIs) {
  run(add_with({"--no-password"}));
  keep_recovery_code("work", "abcd-efgh");
  const Said said = run_into("/dev/full", {"recovery-codes", "work", "use"});
  EXPECT_EQ(said.status, 1) << said.all();
  EXPECT_THAT(said.err, HasSubstr("totpilot recovery-codes work show"));
  EXPECT_THAT(run({"recovery-codes", "work", "show"}).out, HasSubstr("abcd-efgh"));
}

TEST_F(Secrets, AKitThatCannotBeKeptLeavesTheOneBeforeValid) {
  const std::string kit = write("kit.txt", run({"vault", "kit"}).out);
  EXPECT_EQ(run_into("/dev/full", {"vault", "kit"}).status, 1);
  EXPECT_EQ(run({"vault", "kit", "--output", (root_ / "no" / "such" / "directory").string()}).status, 2);
  EXPECT_EQ(run({"vault", "kit", "--output", "/dev/full"}).status, 1);
  std::filesystem::remove_all(root_ / "keys");
  const Said said = run({"vault", "status", "--kit-file", kit});
  EXPECT_EQ(said.status, 0) << said.all();
}

TEST_F(Secrets, TheKitOpensEveryCommandAndAKeyFileIsMadeAnew) {
  run(add_with({"--no-password"}));
  run({"factor", "import", "work", "--confirmed"}, kKey);
  const std::string file = (root_ / "kit.txt").string();
  ASSERT_EQ(run({"vault", "kit", "--output", file}).status, 0);
  std::filesystem::remove_all(root_ / "keys");
  const Said sealed = run({"code", "work"});
  EXPECT_EQ(sealed.status, 7);
  EXPECT_THAT(sealed.err, HasSubstr("--kit-file"));
  EXPECT_EQ(run({"code", "work", "--kit-file", file}).status, 0);
  const Said made = run({"vault", "key-file", "--kit-file", file});
  EXPECT_EQ(made.status, 0) << made.all();
  EXPECT_EQ(run({"code", "work"}).status, 0);
}

TEST_F(Secrets, APassphraseOpensAVaultWhoseKeyFileIsDamaged) {
  const std::string phrase = write("phrase", "one long phrase\n");
  ASSERT_EQ(run({"vault", "passphrase", "--new-passphrase-file", phrase}).status, 0);
  write("keys/vault.key", "nonsense\n");
  const Said given = run({"vault", "status", "--passphrase-file", phrase});
  EXPECT_EQ(given.status, 0) << given.all();
  const Said asked = run_on_terminal({"vault", "status"}, {{"passphrase of the vault: ", "one long phrase\n"}});
  EXPECT_EQ(asked.status, 0) << asked.all();
}

TEST_F(Secrets, TheKitOpensTheVaultWithoutItsKeyFile) {
  const std::string backup = (root_ / "b.backup").string();
  const Said kit = run({"vault", "kit"});
  ASSERT_EQ(kit.status, 0) << kit.all();
  ASSERT_EQ(run({"backup", backup}).status, 0);
  std::filesystem::remove_all(root_ / "keys");
  const Said said = run({"restore", backup, "--verify", "--kit-file", write("kit.txt", kit.out)});
  EXPECT_EQ(said.status, 0) << said.all();
}

}  // namespace
}  // namespace totpilot::cli
