#include <gmock/gmock.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "agent/base/outcome.h"
#include "tests/unit/cli/program.h"

namespace totpilot::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string file_text(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::string(TOTPILOT_SOURCE_DIR) + "/" + name).rdbuf();
  return text.str();
}

class Contract : public Program {};

TEST_F(Contract, HelpNamesEveryCommandAndEndsWell) {
  const Said said = run({"--help"});
  EXPECT_EQ(said.status, 0) << said.all();
  for (const char* command :
       {"account", "enroll", "login", "code", "recovery-codes", "check", "disable", "recover", "factor", "playbook",
        "vault", "backup", "restore", "config", "doctor", "help", "version"})
    EXPECT_THAT(said.out, HasSubstr(command));
  EXPECT_EQ(said.err, "");
}

TEST_F(Contract, EveryCommandHasHelpWithAnExample) {
  const std::string reference = run({"help", "reference"}).out;
  const std::regex heading("## totpilot ([a-z -]+)\n");
  int commands = 0;
  for (std::sregex_iterator it(reference.begin(), reference.end(), heading), end; it != end; ++it, ++commands) {
    std::istringstream words((*it)[1].str());
    std::vector<std::string> arguments{std::istream_iterator<std::string>(words), {}};
    arguments.emplace_back("--help");
    const Said said = run(arguments);
    EXPECT_EQ(said.status, 0) << (*it)[1];
    EXPECT_THAT(said.out, HasSubstr("Usage: totpilot " + (*it)[1].str()));
  }
  EXPECT_GT(commands, 25);
}

TEST_F(Contract, TheDocumentsAreWhatTheProgramSays) {
  EXPECT_EQ(run({"help", "exit-codes"}).out, file_text("docs/exit-codes.md"))
      << "totpilot help exit-codes > docs/exit-codes.md";
  EXPECT_EQ(run({"help", "reference"}).out, file_text("docs/cli.md")) << "totpilot help reference > docs/cli.md";
}

TEST_F(Contract, TheListOfExitCodesHoldsEveryOutcome) {
  const std::string text = run({"help", "exit-codes"}).out;
  for (const OutcomeInfo& one : all_outcomes())
    EXPECT_THAT(text, HasSubstr("| `" + std::string(one.name) + "` | " + std::to_string(one.exit_code) + " |"));
}

TEST_F(Contract, NoCommandShowsTheHelpAndIsAWrongCall) {
  const Said said = run({});
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.out, HasSubstr("account"));
}

TEST_F(Contract, AMisspeltCommandIsAnsweredWithTheNearest) {
  const Said said = run({"enrol", "work"});
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.err, HasSubstr("did you mean enroll?"));
}

TEST_F(Contract, AMisspeltSubcommandToo) {
  const Said said = run({"account", "lst"});
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.err, HasSubstr("did you mean account list?"));
}

TEST_F(Contract, AFailureGoesToStandardErrorWithItsNextStep) {
  const Said said = run({"account", "list"});
  EXPECT_EQ(said.status, 7) << said.all();
  EXPECT_EQ(said.out, "");
  EXPECT_THAT(said.err, HasSubstr("vault_missing:"));
  EXPECT_THAT(said.err, HasSubstr("totpilot vault init"));
}

TEST_F(Contract, WithJsonAFailureIsOneDocumentOnStandardOutput) {
  const auto json = run({"--json", "account", "list"}).json();
  EXPECT_EQ(json["outcome"], "vault_missing");
  EXPECT_EQ(json["exit_code"], 7);
  EXPECT_EQ(json["retry"], "after_change");
  EXPECT_TRUE(json["message"].is_string());
  EXPECT_EQ(json["hint"], "totpilot vault init");
  EXPECT_TRUE(json["position"].is_null());
}

TEST_F(Contract, WithJsonAWrongCallIsADocumentToo) {
  const Said said = run({"account", "add", "--json"});
  EXPECT_EQ(said.status, 2);
  EXPECT_EQ(said.json()["outcome"], "usage") << said.all();
}

TEST_F(Contract, WithJsonASuccessBeginsWithOk) {
  init();
  const Said said = add();
  EXPECT_EQ(said.status, 0) << said.all();
  const Said shown = run({"account", "show", "work", "--json"});
  EXPECT_EQ(shown.json()["outcome"], "ok");
  EXPECT_EQ(shown.json()["exit_code"], 0);
  EXPECT_EQ(shown.json()["name"], "work");
}

TEST_F(Contract, GlobalOptionsMayStandBeforeOrAfterTheCommand) {
  init();
  EXPECT_EQ(run({"--json", "account", "list"}).json()["outcome"], "ok");
  EXPECT_EQ(run({"account", "list", "--json"}).json()["outcome"], "ok");
}

TEST_F(Contract, NothingIsColouredWithoutATerminal) {
  const Said said = run({"account", "list"});
  EXPECT_THAT(said.err + said.out, Not(HasSubstr("\x1b[")));
}

TEST_F(Contract, ATerminalIsColouredUnlessNoColorIsSet) {
  EXPECT_THAT(run_on_terminal({"account", "list"}, {}).out, HasSubstr("\x1b["));
  environment_["NO_COLOR"] = "1";
  EXPECT_THAT(run_on_terminal({"account", "list"}, {}).out, Not(HasSubstr("\x1b[")));
}

TEST_F(Contract, QuietLeavesTheResultAlone) {
  init();
  add();
  const Said said = run({"-q", "factor", "import", "work"}, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
  EXPECT_EQ(said.status, 0);
  EXPECT_EQ(said.err, "");
  EXPECT_THAT(said.out, HasSubstr("code now:"));
}

}  // namespace
}  // namespace totpilot::cli
