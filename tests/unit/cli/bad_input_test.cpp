#include <gmock/gmock.h>

#include "tests/unit/cli/program.h"

namespace totpilot::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Each ends in its outcome, its exit status and a next step, and leaves nothing behind.
class BadInput : public Program {
 protected:
  BadInput() { init(); }

  void expect(const Said& said, const std::string& outcome, int status, const std::string& words) {
    EXPECT_EQ(said.status, status) << said.all();
    EXPECT_THAT(said.err, HasSubstr(outcome + ":")) << said.all();
    EXPECT_THAT(said.err, HasSubstr(words)) << said.all();
    EXPECT_THAT(said.err, HasSubstr("next:")) << said.all();
  }
  Said add_at(const std::string& url) {
    return run({"account", "add", "x", "--url", url, "--username", "alice", "--no-password"});
  }
};

TEST_F(BadInput, AnAddressThatIsNone) { expect(add_at("not a url"), "invalid_input", 2, "address"); }

TEST_F(BadInput, AnAddressWithAPasswordIsNotRepeated) {
  const Said said = add_at("https://alice:hunter2@app.example");
  expect(said, "invalid_input", 2, "address");
  EXPECT_THAT(said.err, Not(HasSubstr("hunter2")));
}

TEST_F(BadInput, PlainHttpToAnotherMachine) {
  expect(add_at("http://app.example"), "invalid_input", 2, "--insecure-http");
}

TEST_F(BadInput, AnUnknownApp) {
  expect(run({"account", "add", "x", "--app", "redmin", "--url", "https://app.example", "--username", "a",
              "--no-password"}),
         "no_playbook", 4, "redmine");
}

TEST_F(BadInput, AnUnknownAccount) {
  add("work");
  expect(run({"account", "show", "wrok"}), "not_found", 3, "work");
  expect(run({"enroll", "wrok"}), "not_found", 3, "work");
}

TEST_F(BadInput, ASelfManagedAccountCannotBeEnrolledByTheMachine) {
  add("work");
  expect(run({"enroll", "work"}), "no_playbook", 4, "factor import work");
}

TEST_F(BadInput, ALogFileThatCannotBeWritten) {
  environment_["TOTPILOT_LOG_FILE"] = "/dev/null/totpilot.log";
  expect(run({"account", "list"}), "invalid_input", 2, "log.file");
}

TEST_F(BadInput, APictureThatIsNoQrCode) {
  add("work");
  const std::string png("\x89PNG\r\n\x1a\n", 8);
  expect(run({"factor", "import", "work", write("not-a.png", png + "garbage")}), "invalid_input", 2, "picture");
}

TEST_F(BadInput, AKeyWithATypingErrorIsNotRepeated) {
  add("work");
  const Said said = run({"factor", "import", "work"}, "JBSWY3DPEHPK3PX1");
  expect(said, "invalid_input", 2, "");
  EXPECT_THAT(said.err, Not(HasSubstr("JBSWY3DP")));
}

TEST_F(BadInput, ALockedVault) {
  std::filesystem::remove_all(root_ / "keys");
  add("work");
  expect(run({"vault", "status"}), "vault_sealed", 7, "key");
}

TEST_F(BadInput, APassphraseThatNobodyCanBeAskedFor) {
  const auto other = root_ / "other";
  environment_["TOTPILOT_STATE_DIRECTORY"] = (other / "state").string();
  environment_["TOTPILOT_KEY_DIRECTORY"] = (other / "keys").string();
  environment_["TOTPILOT_ESCROW_DIRECTORY"] = (other / "escrow").string();
  std::filesystem::create_directories(other);
  ASSERT_EQ(run({"vault", "init", "--no-key-file", "--passphrase-stdin"}, "a long passphrase\n").status, 0);
  expect(run({"vault", "status"}), "needs_input", 4, "--passphrase-file");
  expect(run({"vault", "status", "--passphrase-stdin"}, "wrong"), "vault_sealed", 7, "");
  EXPECT_EQ(run({"vault", "status", "--passphrase-stdin"}, "a long passphrase").status, 0);
}

TEST_F(BadInput, APlaybookWithErrorsIsShownWithPlacesAndACaret) {
  const Said said = run(
      {"playbook", "lint", write("bad.yaml", "playbook: 1\napp: x\nflows: { login: [ { clik: { text: a } } ] }\n")});
  EXPECT_EQ(said.status, 2) << said.all();
  EXPECT_THAT(said.out, HasSubstr("bad.yaml:3:"));
  EXPECT_THAT(said.out, HasSubstr("^"));
  EXPECT_THAT(said.out, HasSubstr("click"));
}

TEST_F(BadInput, APlaybookWithErrorsInJsonIsOneDocument) {
  const auto json = run({"playbook", "lint", "--json", write("bad.yaml", "playbook: 1\n")}).json();
  EXPECT_EQ(json["outcome"], "playbook_invalid");
  EXPECT_GT(json["files"][0]["errors"], 0);
}

TEST_F(BadInput, AConfigurationWithAnUnknownKey) {
  expect(run({"--config", write("c.yaml", "stat_directory: /x\n"), "account", "list"}), "invalid_input", 2,
         "state_directory");
}

TEST_F(BadInput, ATimeoutThatIsNone) {
  expect(run({"--timeout", "soon", "account", "list"}), "invalid_input", 2, "--timeout");
}

TEST_F(BadInput, ABackupThatIsNone) {
  const Said said = run({"restore", write("x.backup", "garbage"), "--verify"});
  EXPECT_NE(said.status, 0);
  EXPECT_THAT(said.err, HasSubstr("next:")) << said.all();
}

TEST_F(BadInput, ThePasswordIsNoArgument) {
  const Said said =
      run({"account", "add", "x", "--url", "https://app.example", "--username", "a", "--password", "hunter2"});
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.err, HasSubstr("--password"));
  EXPECT_THAT(said.err, Not(HasSubstr("hunter2")));
  EXPECT_THAT(run({"account", "add", "--help"}).out, Not(HasSubstr("--password ")));
}

TEST_F(BadInput, TwoThingsCannotBothComeFromStandardInput) {
  std::filesystem::remove_all(root_ / "keys");
  const Said said = run({"account", "add", "x", "--url", "https://app.example", "--username", "a", "--password-stdin",
                         "--password-file", "x"});
  EXPECT_EQ(said.status, 2) << said.all();
}

TEST_F(BadInput, WithoutATerminalARemovalNeedsAWord) {
  add("work");
  expect(run({"account", "remove", "work"}), "needs_input", 4, "--yes");
  EXPECT_EQ(run({"account", "show", "work"}).status, 0);
  EXPECT_EQ(run({"account", "remove", "work", "--yes"}).status, 0);
}

TEST_F(BadInput, AnAppThatIsDownIsSaidSoAndTheJobEnds) {
  run({"account", "add", "down", "--app", "redmine", "--url", "http://127.0.0.1:9", "--username", "a",
       "--password-stdin"},
      "pw");
  const auto json = run({"--json", "enroll", "down"}).json();
  EXPECT_EQ(json["outcome"], "app_unreachable") << json.dump(1);
  EXPECT_EQ(json["exit_code"], 6);
  EXPECT_TRUE(json["job"].is_string());
}

}  // namespace
}  // namespace totpilot::cli
