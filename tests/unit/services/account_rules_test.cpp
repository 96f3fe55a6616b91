#include "agent/services/account_rules.h"

#include <gtest/gtest.h>

#include "agent/base/failure.h"

namespace totpilot::services {
namespace {

template <class Work>
std::string refusal(Work work) {
  try {
    work();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Outcome::kInvalidInput);
    return failure.message() + " | " + failure.hint();
  }
  return "";
}

TEST(AccountRules, NamesThatPeopleTypeAreTaken) {
  for (const char* name : {"a", "redmine-alice", "Bob_2", "alice@corp.example", "x+y", "7"})
    EXPECT_EQ(refusal([&] { require_account_name(name); }), "") << name;
}

TEST(AccountRules, NamesThatWouldConfuseAreRefused) {
  for (const std::string name :
       {"", "-x", ".hidden", "a b", "a/b", "a\nb", "\xC3\xA4", "acc_0193b2f0-7c11-7abc-8def-0123456789ab"})
    EXPECT_NE(refusal([&] { require_account_name(name); }), "") << name;
  EXPECT_NE(refusal([] { require_account_name(std::string(65, 'a')); }), "");
}

TEST(AccountRules, ABaseAddressKeepsItsPathAndLosesTheSlashAtItsEnd) {
  EXPECT_EQ(parse_base_address("HTTPS://App.Example:443/redmine/").url, "https://app.example/redmine");
  EXPECT_EQ(parse_base_address("http://127.0.0.1:8101").url, "http://127.0.0.1:8101");
}

TEST(AccountRules, AddressesThatAreNoBaseAreRefused) {
  for (const char* url : {"", "app.example", "ftp://app.example", "https://user:pw@app.example",
                          "https://app.example/?a=b", "https://app.example/#x", "javascript:alert(1)"})
    EXPECT_NE(refusal([&] { parse_base_address(url); }), "") << url;
}

TEST(AccountRules, ARefusedAddressIsNotRepeatedWithItsPassword) {
  EXPECT_EQ(refusal([] { parse_base_address("https://alice:hunter2@app.example"); }).find("hunter2"),
            std::string::npos);
}

TEST(AccountRules, PlainHttpToAnotherMachineNeedsAWord) {
  const BaseAddress far = parse_base_address("http://192.168.1.5:3000");
  EXPECT_NE(refusal([&] { make_pins(far, {}, false); }).find("--insecure-http"), std::string::npos);
  EXPECT_EQ(make_pins(far, {}, true), std::vector<std::string>{"http://192.168.1.5:3000"});
}

TEST(AccountRules, PlainHttpOnThisMachineNeedsNone) {
  EXPECT_EQ(make_pins(parse_base_address("http://localhost:3000"), {}, false),
            std::vector<std::string>{"http://localhost:3000"});
}

TEST(AccountRules, PinsBeginWithTheAddressAndHoldNoDoubles) {
  const auto pins = make_pins(parse_base_address("https://app.example"),
                              {"https://sso.example/login", "https://SSO.example", "https://app.example"}, false);
  EXPECT_EQ(pins, (std::vector<std::string>{"https://app.example", "https://sso.example"}));
}

TEST(AccountRules, OriginsThatAPlaybookNeedsAreListedWithTheWordsToAcceptThem) {
  const std::string refused = refusal([] {
    require_accepted_origins("corp", {"https://sso.example", "https://app.example", "https://mfa.example"},
                             {"https://app.example"});
  });
  EXPECT_NE(refused.find("--origin https://sso.example --origin https://mfa.example"), std::string::npos) << refused;
}

}  // namespace
}  // namespace totpilot::services
