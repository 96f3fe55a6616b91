// Commands say the same whether they do their work themselves or a daemon does it that has the state directory.
#include <gmock/gmock.h>

#include <regex>

#include "tests/unit/cli/program.h"
#include "tests/unit/qr/drawing.h"

namespace totpilot::cli {
namespace {

struct Step {
  std::vector<std::string> words;
  std::string input{};
};

constexpr const char* kBareKey = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\n";
constexpr const char* kKeyUri = "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example\n";

/// Each command that a daemon can do, in an order in which each finds what it needs; and what is refused.
std::vector<Step> account_steps() {
  return {
      {{"account", "list"}},
      {{"account", "add", "work", "--url", "https://app.example", "--username", "alice", "--no-password", "--tag", "ci",
        "--tag", "night", "--notes", "of the web team"}},
      {{"account", "add", "work", "--url", "https://app.example", "--username", "alice", "--no-password"}},
      {{"account", "add", "wiki", "--url", "https://wiki.example", "--username", "bob", "--origin",
        "https://sso.example", "--password-stdin"},
       "correct horse"},
      {{"account", "add", "home", "--url", "http://192.168.1.5:3000", "--username", "me", "--no-password"}},
      {{"account", "list"}},
      {{"account", "list", "--tag", "ci"}},
      {{"account", "list", "--tag", "none"}},
      {{"account", "show", "work"}},
      {{"account", "show", "wrok"}},
      {{"account", "set", "work", "--add-origin", "https://sso.example", "--notes", "", "--no-app", "--remove-tag",
        "night"}},
      {{"account", "set", "work"}},
      {{"account", "set", "work", "--url", "http://10.0.0.1", "--insecure-http"}},
      {{"account", "set", "work", "--url", "https://app.example", "--no-insecure-http", "--name", "job"}},
      {{"account", "set", "job", "--name", "work", "--password-command", "cat secret", "--each-time"}},
      {{"account", "set", "work", "--forget-password"}},
  };
}

std::vector<Step> factor_steps() {
  return {
      {{"factor", "list"}},
      {{"factor", "import", "work"}, kBareKey},
      {{"factor", "import", "work"}, kBareKey},
      {{"factor", "import", "work"}, "these are words\n"},
      {{"factor", "import", "work", "--digits", "8"}, kKeyUri},
      {{"factor", "import", "work"}, "\xFF\xFE\x01 no text"},
      {{"factor", "import", "wiki", "--confirmed"}, kKeyUri},
      {{"factor", "list"}},
      {{"factor", "list", "work"}},
      {{"factor", "list", "--escrow"}},
      {{"factor", "list", "--escrow", "wiki"}},
      {{"factor", "confirm", "work"}},
      {{"factor", "confirm", "work"}},
      {{"factor", "export", "work"}},
      {{"factor", "export", "work", "--as", "base32"}},
      {{"account", "remove", "work", "--yes"}},
      {{"factor", "retire", "work", "--yes"}},
      {{"factor", "discard", "work", "--yes"}},
      {{"account", "remove", "wiki", "--with-factor", "--yes"}},
  };
}

std::vector<Step> people_steps() {
  return {
      {{"member", "add", "anna", "--role", "admin"}},
      {{"invite", "add", "bob", "--hours", "8"}},
      {{"invite", "list"}},
      {{"member", "list"}},
      {{"member", "set", "anna", "--role", "user", "--disable"}},
      {{"member", "set", "anna", "--enable"}},
      {{"member", "set", "ann", "--role", "king"}},
      {{"team", "add", "web"}},
      {{"team", "set", "web", "--add", "anna", "--add", "bob"}},
      {{"team", "list"}},
      {{"share", "add", "work", "--team", "web", "--hours", "8"}},
      {{"share", "add", "work", "--member", "anna", "--role", "owner"}},
      {{"share", "list"}},
      {{"share", "list", "work"}},
      {{"share", "remove", "work", "sha_none"}},
      {{"team", "remove", "web", "--yes"}},
      {{"member", "remove", "bob", "--yes"}},
      {{"token", "add", "ci", "--scope", "read", "--scope", "codes", "--days", "30"}},
      {{"token", "add", "ever", "--scope", "read", "--days", "0"}},
      {{"token", "add", "odd", "--scope", "everything"}},
      {{"token", "revoke", "ci"}},
      {{"token", "list"}},
      {{"approval", "list"}},
      {{"approval", "grant", "apr_none"}},
      {{"audit", "list"}},
      {{"audit", "list", "--act", "factor.", "--limit", "3"}},
      {{"audit", "list", "--since", "yesterday"}},
      {{"audit", "verify"}},
      {{"playbook", "list"}},
      {{"playbook", "explain", "redmine"}},
      {{"playbook", "explain", "redmin"}},
      {{"vault", "status"}},
      {{"vault", "rotate-key"}},
      {{"vault", "accept-rollback"}},
      {{"doctor"}},
  };
}

/// What differs between two runs: ids, hashes, codes, times, processes, widths of columns.
std::string without_chance(std::string text) {
  static const std::vector<std::pair<std::regex, std::string>> kChance = {
      {std::regex("(-{2,}|─+| {2,})"), " "},
      {std::regex("[a-z]{2,4}_[0-9a-f]{8}-[0-9a-f-]{27}"), "ID"},
      {std::regex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}"), "ID"},
      {std::regex("tp[a-z]_[A-Za-z0-9_-]+"), "KEY"},
      {std::regex("\"key\": ?\"[^\"]+\""), "KEY"},
      {std::regex("[0-9a-f]{64}|[0-9a-f]{16}"), "HASH"},
      {std::regex("cli:[0-9]+"), "cli:PID"},
      // The vault counts how often it was opened.
      {std::regex("[0-9]+ encryptions|\"encryptions\": [0-9]+"), "ENCRYPTIONS"},
      {std::regex("epoch: [0-9]+, last seen here [0-9]+|epoch\": [0-9]+"), "EPOCH"},
      {std::regex("20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z| UTC)"), "TIME"},
      {std::regex("(code now: |\"code\": ?\")[0-9]{6}"), "CODE"},
      {std::regex("[0-9.]+ (s|ms|[GM]i?B)\\b"), "SPAN"},
      {std::regex("\"valid_for_ms\": ?[0-9]+"), "SPAN"},
      {std::regex("/(here|there)/"), "/DIR/"},
  };
  for (const auto& [pattern, name] : kChance) text = std::regex_replace(text, pattern, name);
  return text;
}

/// For people and in JSON by turns.
std::vector<Step> all_steps() {
  std::vector<Step> all;
  for (const auto& some : {account_steps(), factor_steps(), people_steps()})
    for (const Step& step : some) {
      all.push_back(step);
      if (all.size() % 2 == 0) all.back().words.emplace_back("--json");
    }
  return all;
}

class DaemonCommands : public Program {
 protected:
  /// What the steps say, one after another.
  std::vector<std::string> said(const std::vector<Step>& steps, const std::vector<std::string>& options) {
    std::vector<std::string> all;
    for (const Step& step : steps) {
      std::vector<std::string> words = options;
      words.insert(words.end(), step.words.begin(), step.words.end());
      all.push_back(without_chance(testing::PrintToString(step.words) + " " + run(words, step.input).all()));
    }
    return all;
  }

  void live_in(const std::string& where) {
    for (const auto& [name, directory] :
         {std::pair("STATE", "state"), std::pair("KEY", "keys"), std::pair("ESCROW", "escrow")})
      environment_[std::string("TOTPILOT_") + name + "_DIRECTORY"] = (root_ / where / directory).string();
    ASSERT_EQ(init().status, 0);
  }
};

TEST_F(DaemonCommands, SayWhatTheySayWithoutIt) {
  const std::vector<Step> steps = all_steps();
  live_in("here");
  const auto by_themselves = said(steps, {"--local"});
  live_in("there");
  serve();
  const auto by_the_daemon = said(steps, {});
  EXPECT_EQ(end_serving(), 0);
  for (std::size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(by_the_daemon[i], by_themselves[i]);
}

TEST_F(DaemonCommands, APictureOfAKeyIsReadWhereTheCommandRuns) {
  live_in("there");
  serve();
  ASSERT_EQ(add().status, 0);
  const std::string picture = write(
      "key.png", qr::draw({.text = "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}).png());
  const Said said = run({"--json", "factor", "import", "work", picture});
  ASSERT_EQ(said.status, 0) << said.all();
  EXPECT_EQ(said.json()["factor"]["source"], "import:picture");
  EXPECT_EQ(run({"factor", "export", "work", said.json()["factor"]["id"], "--as", "base32"}).out,
            "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\n");
}

TEST_F(DaemonCommands, WhatIsDoneOnTheMachineAloneSaysThatTheDaemonIsInTheWay) {
  live_in("there");
  serve();
  const Said said = run({"--json", "vault", "kit"});
  EXPECT_EQ(said.json()["outcome"], "busy");
  EXPECT_THAT(said.json()["hint"].get<std::string>(), testing::HasSubstr("daemon")) << said.all();
}

}  // namespace
}  // namespace totpilot::cli
