#pragma once
// PracticeMission: a practice site, an account for it in a totpilot of its own, and what both say afterwards. For all
// tests that run the real binary with a real browser.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/e2e/harness/disguises.h"
#include "tests/e2e/harness/home.h"
#include "tests/practice/site.h"

namespace totpilot::e2e {

using practice::Behaviour;
using practice::Behaviours;
using practice::CodeVerdict;
using practice::Purpose;

inline constexpr const char* kUser = "alice";
inline constexpr const char* kAccount = "practice-alice";

class PracticeMission : public testing::Test {
 protected:
  void start(Behaviours behaviours = {}) {
    practice::SiteOptions options;
    options.behaviours = behaviours;
    start_with(std::move(options));
  }

  void start_with(practice::SiteOptions options) {
    options.clock_file = home.clock_file();
    options.users.push_back({.name = kUser, .password = password, .behaviours = {}, .live_secret = {}});
    site.emplace(std::move(options));
    site->start();
    home.settle(kAccount, site->base_url(), kUser, password);
  }

  Reply totpilot(std::vector<std::string> arguments, std::string input = {}) {
    Reply run = home.run(std::move(arguments), std::move(input));
    EXPECT_THAT(run.left_over, testing::IsEmpty()) << "processes outlived the command";
    EXPECT_FALSE(run.timed_out) << run.told();
    return run;
  }

  practice::UserRecord user() const { return site->ledger().users.at(kUser); }

  /// Every secret that the vault holds for the account, whatever its state.
  std::vector<std::string> secrets_in_vault() {
    std::vector<std::string> secrets;
    const Reply listed = totpilot({"factor", "list", kAccount});
    EXPECT_EQ(listed.outcome(), "ok") << listed.told();
    for (const auto& factor : listed.json.value("factors", nlohmann::json::array())) {
      const Reply exported = totpilot({"factor", "export", kAccount, factor.value("id", "")});
      EXPECT_EQ(exported.outcome(), "ok") << exported.told();
      secrets.push_back(exported.json.value("base32", ""));
    }
    return secrets;
  }

  /// The promise: if the app asks for codes, the vault can make one that it takes.
  bool nobody_is_locked_out() {
    if (!user().mfa_enabled) return true;
    return std::ranges::any_of(secrets_in_vault(),
                               [this](const std::string& secret) { return site->accepts(kUser, secret); });
  }

  /// No password and no code went to the other origin, and every form came from the site's own pages.
  void expect_nothing_went_elsewhere() const {
    const practice::Ledger ledger = site->ledger();
    for (const practice::ElsewhereRequest& request : ledger.elsewhere) {
      EXPECT_THAT(find_in_text(request.method + " " + request.target, request.target + request.body,
                               {{"the password", password}}),
                  testing::IsEmpty());
      EXPECT_EQ(request.method, "GET") << request.target << " was sent " << request.body;
    }
    for (const std::string& origin : ledger.origins) EXPECT_EQ(origin, site->base_url());
  }

  const std::string password = "Correct-horse 9 \"batteries\"";
  Home home;
  std::optional<practice::Site> site;
};

}  // namespace totpilot::e2e
