#include "agent/base/secret.h"

#include <gtest/gtest.h>

#include "agent/base/encoding.h"
#include "agent/base/redactor.h"

namespace totpilot {
namespace {

TEST(Secret, WipesTheStringItWasMadeFrom) {
  std::string text = "correct-horse";
  const Secret secret(std::move(text));
  EXPECT_TRUE(text.empty());  // NOLINT(bugprone-use-after-move): that is the promise
  EXPECT_EQ(secret.reveal(), "correct-horse");
}

TEST(Redactor, MasksALivingSecretInEveryDisguise) {
  const Secret secret = Secret::copy_of("GSQFUSD4KMHXC6FF");
  const Redactor& redactor = Redactor::global();
  for (const std::string& form : std::vector<std::string>{
           "GSQFUSD4KMHXC6FF", "gsqfusd4kmhxc6ff", "GSQF USD4 KMHX C6FF", "gsqf-usd4-kmhx-c6ff",
           base64_encode("GSQFUSD4KMHXC6FF"), base64_encode("x:GSQFUSD4KMHXC6FF!"), hex_encode("GSQFUSD4KMHXC6FF")}) {
    const std::string masked = redactor.redact("before " + form + " after");
    EXPECT_NE(masked.find("[redacted]"), std::string::npos) << form;
    EXPECT_EQ(masked.find(form), std::string::npos) << form;
  }
}

TEST(Redactor, MasksUrlAndJsonForms) {
  const Secret secret = Secret::copy_of("p@ss\"word/1 x");
  EXPECT_EQ(Redactor::global().redact("q=" + url_encode("p@ss\"word/1 x")), "q=[redacted]");
  EXPECT_EQ(Redactor::global().redact(json_escape("p@ss\"word/1 x")), "[redacted]");
}

TEST(Redactor, ForgetsASecretThatDied) {
  {
    const Secret secret = Secret::copy_of("short-lived-secret");
  }
  EXPECT_EQ(Redactor::global().redact("short-lived-secret"), "short-lived-secret");
}

}  // namespace
}  // namespace totpilot
