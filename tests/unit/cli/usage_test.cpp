// What is said of a command line that cannot be followed, and of what is asked before something goes.
#include <gmock/gmock.h>

#include "tests/unit/cli/program.h"

namespace totpilot::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kTypedKey = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

class Usage : public Program {
 protected:
  void expect_usage(const std::vector<std::string>& words, const std::string& message, const std::string& hint) {
    const Said said = run(words);
    EXPECT_EQ(said.status, 2) << said.all();
    EXPECT_THAT(said.err, HasSubstr("usage: " + message + "\n")) << said.all();
    EXPECT_THAT(said.err, HasSubstr("next: " + hint)) << said.all();
  }
};

TEST_F(Usage, WhatIsMissingKeepsItsNameAndTheWholeCallIsShown) {
  expect_usage({"account", "add"}, "NAME is required",
               "totpilot account add NAME --url URL --username NAME; see totpilot account add --help");
  expect_usage({"account", "add", "work"}, "--url is required", "totpilot account add NAME --url URL");
}

TEST_F(Usage, AnUnknownCommandIsNamedAndTheCommandsAreAStepAway) {
  expect_usage({"frobnicate"}, "there is no command frobnicate", "totpilot --help lists the commands");
  expect_usage({"factor", "frobnicate"}, "there is no command factor frobnicate", "totpilot factor --help");
  expect_usage({"--state", "/nowhere", "acount", "list"}, "there is no command acount", "did you mean account?");
}

TEST_F(Usage, AWordThatMayBeASecretIsNotRepeated) {
  const Said said = run({"Hunter2!"});
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.err, Not(HasSubstr("Hunter2"))) << said.all();
}

TEST_F(Usage, AGroupAloneNamesItsCommands) {
  expect_usage({"account"}, "totpilot account needs a command", "one of add, list, show, set, remove");
}

TEST_F(Usage, AMisspeltOptionIsAnsweredWithTheNearest) {
  expect_usage({"account", "add", "x", "--ulr", "https://app.example"}, "there is no option --ulr here",
               "did you mean --url?");
}

TEST_F(Usage, AnArgumentTooManyShowsTheCallAsItIs) {
  expect_usage({"account", "show", "work", "home"}, "there is an argument too many", "totpilot account show ACCOUNT;");
}

TEST_F(Usage, AChangeOfNothingSaysWhatCanBeChanged) {
  init();
  add();
  expect_usage({"account", "set", "work"}, "it was not said what to change", "give one of --name, --username, --url");
}

TEST_F(Usage, HintsNameTheAccountThatWasNamed) {
  init();
  run({"account", "add", "down", "--app", "redmine", "--url", "http://127.0.0.1:9", "--username", "a",
       "--no-password"});
  const auto json = run({"--json", "enroll", "down"}).json();
  EXPECT_EQ(json["hint"], "totpilot account set down --password-stdin") << json.dump(1);
}

TEST_F(Usage, ATagThatNoAccountHasIsNotTakenForNoAccount) {
  init();
  add();
  EXPECT_THAT(run({"account", "list", "--tag", "zz"}).err, HasSubstr("no account has the tag zz"));
  run({"account", "remove", "work", "--yes"});
  EXPECT_THAT(run({"account", "list"}).err, HasSubstr("there is no account yet"));
}

TEST_F(Usage, OneErrorIsCountedAsOne) {
  const std::string file = write("bad.yaml", "playbook: 1\napp: [\n");
  const Said said = run({"playbook", "lint", file});
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.err, HasSubstr("in 1 file: 1 error, 0 warnings")) << said.all();
}

class Consent : public Program {
 protected:
  Consent() {
    init();
    add();
    run({"factor", "import", "work"}, kTypedKey);
  }
  /// Without a terminal, and with nobody who says --yes.
  void expect_asked(const std::vector<std::string>& words) {
    for (const bool json : {false, true}) {
      auto call = words;
      if (json) call.emplace_back("--json");
      const Said said = run(call);
      EXPECT_EQ(said.status, 4) << said.all();
      EXPECT_THAT(said.all(), HasSubstr("--yes")) << said.all();
    }
  }
};

TEST_F(Consent, IsNeededByEveryCommandThatTakesSomethingAway) {
  expect_asked({"account", "remove", "work"});
  expect_asked({"disable", "work"});
  expect_asked({"factor", "discard", "work"});
  expect_asked({"factor", "retire", "work"});
}

TEST_F(Consent, ANoLeavesEverythingAsItIs) {
  const Said said = run_on_terminal({"factor", "discard", "work"}, {{"[y/N] ", "n\n"}});
  EXPECT_EQ(said.status, 6) << said.all();
  EXPECT_EQ(run({"factor", "list", "work", "--json"}).json()["factors"][0]["state"], "candidate");
}

TEST_F(Consent, OnceGivenASelfManagedAccountGoesWithoutAPlaybook) {
  run({"factor", "confirm", "work"});
  const Said refused = run({"account", "remove", "work", "--yes"});
  EXPECT_EQ(refused.status, 2) << refused.all();
  EXPECT_THAT(refused.err, HasSubstr("totpilot factor retire work"));
  EXPECT_EQ(run({"factor", "retire", "work", "--yes"}).status, 0);
  const Said removed = run({"account", "remove", "work", "--yes"});
  EXPECT_EQ(removed.status, 0) << removed.all();
  EXPECT_THAT(removed.err, HasSubstr("1 TOTP key stays in the escrow file"));
}

class CodeCommand : public Program {
 protected:
  CodeCommand() {
    init();
    add();
    run({"factor", "import", "work", "--confirmed"}, kTypedKey);
  }
};

TEST_F(CodeCommand, SendsNobodyToACheckThatASelfManagedAccountCannotHave) {
  const Said said = run({"code", "work"});
  EXPECT_EQ(said.status, 0) << said.all();
  EXPECT_THAT(said.err, Not(HasSubstr("totpilot check"))) << "there is no playbook to check by";
}

TEST_F(CodeCommand, DoesNotSayOfACodeThatWasHandedOutThatItWasSent) {
  environment_["TOTPILOT_TEST_CLOCK"] = write("clock", std::string(8, '\0'));
  run({"code", "work", "--wait-fresh"});
  const Said said = run({"code", "work"});
  EXPECT_THAT(said.err, HasSubstr("handed out already")) << said.all();
  EXPECT_THAT(said.err, Not(HasSubstr("sent to the app"))) << said.all();
}

}  // namespace
}  // namespace totpilot::cli
