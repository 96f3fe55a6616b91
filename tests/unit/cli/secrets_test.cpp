#include <gmock/gmock.h>

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

TEST_F(Secrets, AFactorGoesInAndComesOutTheSame) {
  run(add_with({"--no-password"}));
  ASSERT_EQ(run({"factor", "import", "work", "--confirmed"}, kKey).status, 0);
  EXPECT_EQ(run({"factor", "export", "work", "--as", "base32"}).out, std::string(kKey) + "\n");
  const std::string file = (root_ / "key").string();
  EXPECT_THAT(run({"factor", "export", "work", "--output", file}).out, Not(HasSubstr(kKey)));
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(Secrets, ACodeIsTheOnlyThingOnStandardOutput) {
  run(add_with({"--no-password"}));
  run({"factor", "import", "work", "--confirmed"}, kKey);
  const Said said = run({"code", "work"});
  EXPECT_EQ(said.status, 0) << said.all();
  EXPECT_EQ(said.out.size(), 7U) << said.out;
  EXPECT_THAT(said.err, HasSubstr("valid for"));
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
