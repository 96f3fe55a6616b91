#include "agent/playbook/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/playbook/table.h"
#include "tests/unit/playbook/support.h"

namespace totpilot::playbook {
namespace {

using testing::HasSubstr;

std::string words(std::string_view step) {
  const Parsed parsed = parse_steps(step);
  EXPECT_TRUE(parsed.ok()) << shown(parsed);
  return explain(parsed.playbook.login.steps.back());
}

TEST(Explain, TellsAStepInOneSentence) {
  EXPECT_EQ(words("- click: { role: button, name: Save, within: { css: .card } }"),
            "click the button \"Save\" within the element .card");
  EXPECT_EQ(words("- submit_code: { into: { label: Code }, submits_by_itself: true }"),
            "type a fresh code into the field labelled \"Code\", which submits by itself");
  EXPECT_EQ(words("- wait_for: { shows: { text: a }, hides: { text: b }, url: /c }"),
            "wait until the text \"a\" shows and the text \"b\" does not show and the address is /c");
  EXPECT_EQ(words("- check: { any_of: [{ label: a }, { label: b }] }"),
            "tick the field labelled \"a\", or else the field labelled \"b\"");
  EXPECT_EQ(words("- save_recovery_codes: { count: 10, download: { text: Download }, finish: { text: Done } }"),
            "save the 10 recovery codes from the file behind the text \"Download\", then press the text \"Done\"");
}

TEST(Explain, HasWordsForEveryAction) {
  for (const ActionInfo& action : actions()) {
    const std::string sentence = words(action.example);
    EXPECT_FALSE(sentence.empty()) << action.name;
    EXPECT_EQ(sentence.find('?'), std::string::npos) << sentence;
  }
}

TEST(Explain, TellsWhatIsPressedToRevealTheSecretAndTickedForTheCodes) {
  const Parsed parsed = parse_steps(
      "- capture_secret: { within: { css: \"#setup\" }, reveal: { text: Can't scan }, copy: { text: Copy } }\n"
      "- save_recovery_codes: { saved: { label: I saved them }, finish: { text: Done } }\n");
  const std::string text = explain(parsed.playbook);
  EXPECT_THAT(text, HasSubstr("Capture the secret from the element #setup; the text \"Can't scan\" is pressed where no "
                              "secret is to be seen; the text \"Copy\" copies it to the clipboard.\n"));
  EXPECT_THAT(text, HasSubstr("Save the recovery codes, then press the text \"Done\"; the field labelled \"I saved "
                              "them\" is ticked once they are stored.\n"));
}

TEST(Explain, TellsAPlaybookWithItsStatesSecretsAndSteps) {
  const Parsed parsed = parse_sections(
      "title: Example\nneeds_origins: [\"https://login.example\"]\nflows:\n  login:\n    - sign_in: { open: /login }\n"
      "    - one_of:\n        - { when: { css: \"#home\" } }\n        - { when: { css: \"#locked\" }, outcome: "
      "locked_out, message: wait }\n"
      "        - { when: { css: \"#tour\" }, steps: [{ dismiss: { text: Skip } }] }\n");
  ASSERT_TRUE(parsed.ok()) << shown(parsed);
  const std::string text = explain(parsed.playbook);
  EXPECT_THAT(text, HasSubstr("Example (playbook \"example\", p.yaml)\n"));
  EXPECT_THAT(text,
              HasSubstr("Secrets may also go to https://login.example, once the account's owner accepts that.\n"));
  EXPECT_THAT(text, HasSubstr("MFA is on when the text \"MFA is active\" shows.\n"));
  EXPECT_THAT(text, HasSubstr("To sign in:\n"
                              "  1. Sign in at /login with user name and password, and a code if asked.\n"
                              "  2. Wait for one of 3 states.\n"
                              "    If the element #home shows: go on.\n"
                              "    If the element #locked shows: end with locked_out (wait).\n"
                              "    If the element #tour shows:\n"
                              "      2.1. Click the text \"Skip\" away if it is there.\n"));
}

}  // namespace
}  // namespace totpilot::playbook
