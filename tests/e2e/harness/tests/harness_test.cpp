// The harness itself: a test that looks for leaks and left-over processes must be able to find them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/e2e/harness/disguises.h"
#include "tests/e2e/harness/home.h"
#include "tests/practice/text.h"

namespace totpilot::e2e {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const Canary kSecret{.name = "secret", .value = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"};
const Canary kPassword{.name = "password", .value = "Correct+horse \"9\"/ä"};

Command shell(const std::string& script, std::string input = {}) {
  return {
      .arguments = {"/bin/sh", "-c", script}, .environment = {{"PATH", "/usr/bin:/bin"}}, .input = std::move(input)};
}

TEST(Disguises, FindASecretInEveryEncoding) {
  const std::vector<std::string> texts{
      "x" + kSecret.value + "y",
      "gezdgnbvgy3tqojqgezdgnbvgy3tqojq",
      "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ",
      "gezd-gnbv-gy3t-qojq-gezd-gnbv-gy3t-qojq",
      practice::base64(kSecret.value),
      practice::base64("{\"secret\":\"" + kSecret.value + "\"}"),
      practice::base64("otpauth://totp/x?secret=" + kSecret.value + "&issuer=y"),
      "47455a44474e425647593354514f4a5147455a44474e425647593354514f4a51",
  };
  for (const std::string& text : texts) EXPECT_EQ(find_in_text("text", text, {kSecret}).size(), 1U) << text;
}

TEST(Disguises, FindAPasswordThatIsEscaped) {
  for (const std::string text : {"Correct%2Bhorse%20%229%22%2F%C3%A4",
                                 "a=correct%2bhorse+%229%22%2f%c3%a4&b=", "{\"p\":\"Correct+horse \\\"9\\\"/ä\"}"}) {
    EXPECT_EQ(find_in_text("text", text, {kPassword}).size(), 1U) << text;
  }
}

TEST(Disguises, AreNotFoundWhereThereIsNothing) {
  EXPECT_THAT(find_in_text("text", "GEZDGNBV and horse", {kSecret, kPassword}), IsEmpty());
}

TEST(Disguises, FindAPlantedSecretInAFileAndInAFileName) {
  const Home home;
  EXPECT_THAT(find_in_files(home.root(), {kSecret}), IsEmpty());
  home.write_file("planted", practice::base64("ab" + kSecret.value));
  home.write_file(kSecret.value, "");
  EXPECT_EQ(find_in_files(home.root(), {kSecret}).size(), 2U);
}

TEST(Process, GivesWhatTheChildSaysAndItsExitCode) {
  Process process(shell("cat; echo no >&2; exit 3", "yes"));
  const Ended ended = process.finish(10s);
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_EQ(ended.out, "yes");
  EXPECT_EQ(ended.err, "no\n");
  EXPECT_THAT(ended.left_over, IsEmpty());
}

TEST(Process, NamesWhatOutlivesTheChildEvenInASessionOfItsOwn) {
  // The child ends when the other has become what it is to be named.
  Process process(shell("setsid sleep 1000 & until read name < /proc/$!/comm && [ $name = sleep ]; do :; done"));
  const Ended ended = process.finish(10s, 200ms);
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_THAT(ended.left_over, ElementsAre("sleep"));
}

TEST(Process, EndsAChildThatTakesTooLong) {
  Process process(shell("exec sleep 1000"));
  const Ended ended = process.finish(50ms);
  EXPECT_TRUE(ended.timed_out);
  EXPECT_EQ(ended.signal, SIGKILL);
}

TEST(Process, ShowsArgumentsAndEnvironments) {
  // It stands still by itself: in the moment of an exec a process shows neither.
  Command command = shell("kill -STOP $$ # planted-argument");
  command.environment["PLANTED"] = "planted-value";
  Process process(command);
  EXPECT_NE(process.arguments_and_environments().find("planted-value"), std::string::npos);
}

}  // namespace
}  // namespace totpilot::e2e
